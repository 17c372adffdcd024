"""The command line: `recipes` for commands that take a recipe, the rest for those that take a model.

It parses, calls one function of the package, and turns an error of a user's or of the system's into a message and
exit code 1. A training that was stopped has saved and exits with 0; anything else that was interrupted, with 130.
"""

import io
import os
import sys
from pathlib import Path

from rich.console import Console

from fidan.cli import chat, evaluate, export, import_pt, law, law_answers, recipes, serve, shipped, trained, verify  # noqa: F401  # they hang commands on it
from fidan.cli.app import app
from fidan.errors import FidanError


def main() -> None:
    """The `fidan` command."""
    if sys.stdout is None:  # closed by whoever started this
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # to the end of the process
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that cannot show a letter must not end a text
        if sys.platform == "win32" and not sys.stdout.isatty() and "PYTHONIOENCODING" not in os.environ:
            sys.stdout.reconfigure(encoding="utf-8")  # a file or pipe there would get a code page without ş, ğ and ı
    try:
        app()
    except (FidanError, OSError) as error:
        Console(stderr=True, highlight=False).print(f"error: {error}", markup=False, soft_wrap=True, style="red")
        raise SystemExit(1) from None
