"""The library's own source, shown in a chapter as it stands: never pasted, so never out of date."""

import ast
import inspect
import textwrap
from pathlib import Path
from typing import Any

import fidan

PACKAGE = Path(fidan.__file__).parent


class Source:
    """A piece of the library's source: Markdown in a notebook, plain text elsewhere.

    Attributes:
        path: of its file, from the root of the repository.
        line: where it begins, from 1.
        code: its text, without the docstring.
    """

    def __init__(self, path: str, line: int, code: str) -> None:
        self.path, self.line, self.code = path, line, code

    def __repr__(self) -> str:
        return f"# {self.path}, satır {self.line}\n{self.code}"

    def _repr_markdown_(self) -> str:
        return f"`{self.path}`, satır {self.line}:\n\n```python\n{self.code}\n```\n"


def kaynak(nesne: Any, aciklama: bool = False) -> Source:
    """Show the source of a function, a class or a module of the library.

    Args:
        nesne: what to show.
        aciklama: with its docstring; without it the code alone is shown, which is what a chapter compares.

    Raises:
        ValueError: it is not the library's.
    """
    nesne = inspect.unwrap(nesne)
    file = Path(inspect.getsourcefile(nesne) or "")
    if PACKAGE not in file.parents:
        raise ValueError(f"{nesne!r} fidan'ın değil: kaynak() kütüphanenin kendi kodunu gösterir.")
    lines, line = inspect.getsourcelines(nesne)
    code = textwrap.dedent("".join(lines)).rstrip()
    if not aciklama:
        code = _without_docstring(code)
    return Source(f"src/fidan/{file.relative_to(PACKAGE).as_posix()}", max(1, line), code)


def _without_docstring(code: str) -> str:
    hidden: set[int] = set()
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module | ast.AsyncFunctionDef):
            continue
        # A docstring that is the whole body stays: without it the code would be none.
        if ast.get_docstring(node, clean=False) and (len(node.body) > 1 or isinstance(node, ast.Module)):
            hidden.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    lines = [line for number, line in enumerate(code.splitlines(), 1) if number not in hidden]
    return "\n".join(lines).strip("\n")
