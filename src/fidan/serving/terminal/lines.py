"""Reading what a user writes: typed lines with history and pasted text, or a line of a pipe at a time.

A line that ends with a backslash goes on in the next one. What it leaves out: what a line means (`session`).
"""

import codecs
import importlib
import io
import select
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO, Protocol, TextIO

PROMPT, MORE = "> ", ". "
PASTE_SECONDS = 0.03  # a line that waits so soon after another one was pasted with it
_CONTROL = {code: 0xFFFD for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}


class BrokenLine(Exception):
    """A line that is no UTF-8; the message, in Turkish, says where."""


class Lines(Protocol):
    """Where a user's messages come from."""

    def read(self) -> str | None:
        """The next message; None: there are no more.

        Raises:
            BrokenLine: it is no UTF-8.
            KeyboardInterrupt: Ctrl-C.
        """


class PipedLines:
    """Messages from a pipe or a file.

    Args:
        source: bytes.
    """

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._number = 0

    def read(self) -> str | None:
        """As `Lines.read` says."""
        return _joined(self._line)

    def _line(self, first: bool) -> str | None:
        data = self._source.readline()
        if not data:
            return None
        self._number += 1
        if self._number == 1:
            data = data.removeprefix(codecs.BOM_UTF8)
        try:
            return data.decode().rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise BrokenLine(
                f"{self._number}. satır UTF-8 değil ({error.start + 1}. bayt: 0x{data[error.start]:02x}); atlandı."
            ) from error


class TypedLines:
    """Messages from a terminal, with line editing and history where Python has readline.

    Args:
        prompt_on: where the prompt is shown if not on the standard output, which is then no terminal.
    """

    def __init__(self, prompt_on: TextIO | None = None) -> None:
        self._prompt_on = prompt_on
        if isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")  # a wrong byte is named, not fatal
        with suppress(ImportError):  # Windows has none, and edits lines itself
            importlib.import_module("readline")  # `input` uses it from then on

    def read(self) -> str | None:
        """As `Lines.read` says."""
        message = _joined(self._pasted)
        if message is not None and any("\udc80" <= character <= "\udcff" for character in message):
            raise BrokenLine("Satır UTF-8 değil; uçbiriminizi UTF-8 olarak ayarlayın.")
        return message

    def _pasted(self, first: bool) -> str | None:
        """A line, or all the lines of one paste."""
        line = self._line(PROMPT if first else MORE)
        while line is not None and not line.startswith("/") and _waiting():
            more = self._line(MORE)
            if more is None:
                break
            line += f"\n{more}"
        return line

    def _line(self, prompt: str) -> str | None:
        if self._prompt_on is not None:
            self._prompt_on.write(prompt)
            self._prompt_on.flush()
        try:
            return input("" if self._prompt_on else prompt)
        except EOFError:
            return None


def _waiting() -> bool:
    """Whether more was typed already, as when several lines are pasted. Windows cannot tell."""
    return sys.platform != "win32" and bool(select.select([sys.stdin], [], [], PASTE_SECONDS)[0])


def _joined(read: Callable[[bool], str | None]) -> str | None:
    """Lines up to one that does not end with a backslash, as one message; `read` is told whether it is the first."""
    line = read(True)
    if line is None:
        return None
    lines = [line]
    while lines[-1].endswith("\\"):
        lines[-1] = lines[-1][:-1]
        line = read(False)
        if line is None:
            break
        lines.append(line)
    return "\n".join(lines)


def visible(text: str) -> str:
    """A model's text as a terminal may show it: other control characters than line break and tab become U+FFFD."""
    return text.translate(_CONTROL)
