"""The loop of the chat: a message is read, its answer shown as it is written, and what there is to say beside it.

In a terminal, Ctrl-C stops an answer and keeps what was written; at the prompt it has to come twice. Where the input
is a pipe, each line is a question, the standard output has the answers alone, and the exit code tells whether all of
them were given. What it leaves out: how lines are read (`lines`), commands and what is kept (`session`).
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from fidan.errors import FidanError
from fidan.serving.terminal.lines import BrokenLine, Lines, PipedLines, TypedLines, visible
from fidan.serving.terminal.session import Session, Turn

BROKEN_PIPE = 128 + 13  # exit code of a program that SIGPIPE ended
INTERRUPTED = 128 + 2
HINT = "Çıkmak için bir kez daha Ctrl-C (ya da Ctrl-D)."


def run(session: Session, name: str) -> int:
    """Chat until the user leaves or the input ends.

    Args:
        session: the conversation.
        name: of the model, for the greeting.

    Returns:
        The exit code.
    """
    typed = sys.stdin.isatty()
    shown = typed and sys.stdout.isatty()
    notices = sys.stdout if shown else sys.stderr
    lines: Lines = TypedLines(None if shown else sys.stderr) if typed else PipedLines(sys.stdin.buffer)
    loop = _Loop(session, lines, notices, typed, shown)
    try:
        if typed:
            loop.say(f"{name} ile sohbet. /yardım komutları gösterir; Ctrl-D çıkar.")
        return loop.run()
    except BrokenPipeError:
        # Nobody reads any more. What Python still wants to write as it ends goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE


class _Loop:
    """See `run`.

    Args:
        session: the conversation.
        lines: where messages come from.
        notices: where all that is no answer is written.
        typed: whether a person types.
        shown: whether a terminal shows the answers.
    """

    def __init__(self, session: Session, lines: Lines, notices: TextIO, typed: bool, shown: bool) -> None:
        self._session, self._lines, self._notices = session, lines, notices
        self._typed, self._shown = typed, shown
        dull = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
        self._faint = notices.isatty() and not dull
        self._failed = False

    def say(self, text: str) -> None:
        """Something that is no answer."""
        text = visible(text) if self._notices.isatty() else text
        self._notices.write(f"\x1b[2m{text}\x1b[0m\n" if self._faint else f"{text}\n")
        self._notices.flush()

    def run(self) -> int:
        """Until the user leaves; the exit code."""
        warned = False
        while True:
            try:
                message = self._lines.read()
                if message is None:
                    if self._typed:
                        self.say("")  # the terminal's own prompt begins on a line of its own
                    break
                if message.strip() and not self._take(message):
                    break
                warned = False
            except (FidanError, BrokenLine) as error:
                self._failed, warned = True, False
                self.say(str(error))
            except BrokenPipeError:
                raise
            except OSError as error:
                self._failed, warned = True, False
                self.say(f"Olmadı: {error}")
            except KeyboardInterrupt:
                if not self._typed:
                    return INTERRUPTED
                self.say("" if warned else f"\n{HINT}")
                if warned:
                    break
                warned = True
        return 0 if self._typed else int(self._failed)

    def _take(self, message: str) -> bool:
        """Do what a message asks for; whether the chat goes on."""
        if message.startswith("/") and not message.startswith("//"):
            outcome = self._session.command(message)
            if outcome.text:
                self.say(outcome.text)
            if outcome.again:
                self._show(self._session.again())
            return not outcome.leave
        self._show(self._session.ask(message.removeprefix("/")))
        return True

    def _show(self, turn: Turn) -> None:
        """Write an answer as it comes; Ctrl-C in a terminal ends it."""
        try:
            with _stop_wish(self._typed) as wish:
                for piece in turn:
                    if piece:
                        sys.stdout.write(visible(piece) if self._shown else piece)
                        sys.stdout.flush()
                    if wish:
                        break
        except KeyboardInterrupt:
            if not self._typed:
                raise
        finally:
            sys.stdout.write("\n")
            sys.stdout.flush()
            for notice in turn.close():
                self.say(notice)


@contextmanager
def _stop_wish(typed: bool) -> Iterator[list[int]]:
    """A list that Ctrl-C puts something into while this is open; a second Ctrl-C interrupts as it always does.

    So an answer ends between two tokens, not in the middle of one.
    """
    wish: list[int] = []
    if not typed:
        yield wish
        return

    def note(number: int, frame: Any) -> None:
        wish.append(number)
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield wish
    finally:
        signal.signal(signal.SIGINT, before)
