"""`python -m fidan.cli`, which torchrun starts."""

from fidan.cli import main

main()
