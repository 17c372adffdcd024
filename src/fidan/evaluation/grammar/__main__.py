"""Writes ``pairs.csv`` again: ``python -m fidan.evaluation.grammar``."""

from fidan.evaluation.grammar.make import FILE, build, written

if __name__ == "__main__":
    FILE.write_text(written(build()), encoding="utf-8", newline="\n")
