"""Sets of conversations, read: what can be learnt from is kept, and what is left out is counted with its places.

Left out are conversations with an empty turn, without a turn of the assistant, with roles out of order (`disorder`),
and those that say the same as an earlier one. `synthetic:N` is N conversations of this package's making. What it
leaves out: files and formats (`corpus.rows`), forms of rows (`forms`), splits (`split`).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from fidan.artifact import hash_json
from fidan.corpus.conversations.conversation import Conversation, disorder, normal_forms
from fidan.corpus.conversations.forms import conversation_of
from fidan.corpus.conversations.synthetic import VERSION, make_conversations
from fidan.corpus.pairs.read import Columns
from fidan.corpus.rows import read_rows, source_hash
from fidan.errors import SourceError

FAULTS = ("empty_turns", "no_answer", "disorder", "duplicates")
SYNTHETIC = "synthetic:"
MOST = 1_000_000  # conversations of one synthetic source
PLAIN = Columns()
_EXAMPLES = 3  # places of conversations left out that a message names


class LeftOut(NamedTuple):
    """How many conversations were not taken, and why; the first of these that holds counts.

    Attributes:
        empty_turns: with a turn that is nothing but white space.
        no_answer: the assistant says nothing.
        disorder: roles out of order.
        duplicates: every turn in normal form as that of an earlier conversation, which is kept.
        examples: the places of the first of each.
    """

    empty_turns: int = 0
    no_answer: int = 0
    disorder: int = 0
    duplicates: int = 0
    examples: Mapping[str, tuple[str, ...]] = {}


class ConversationSet(NamedTuple):
    """What was read.

    Attributes:
        conversations: in the order of the sources.
        left_out: what is not among them.
    """

    conversations: tuple[Conversation, ...]
    left_out: LeftOut


def read_conversations(sources: str | Sequence[str], columns: Columns = PLAIN) -> ConversationSet:
    """The conversations of one set or of several.

    Args:
        sources: files or datasets, as `corpus.rows` tells them, or `synthetic:N`.
        columns: of the rows that hold a question and its answer.

    Raises:
        SourceError: a source cannot be read, a row has no known form or holds something else than text, or no
            conversation of a source is left.
    """
    named = [sources] if isinstance(sources, str) else list(sources)
    if not named:
        raise SourceError("no conversations: no source is named. Name a file, a dataset or synthetic:N.")
    kept: list[Conversation] = []
    known: set[tuple[str, ...]] = set()
    places: dict[str, list[str]] = {fault: [] for fault in FAULTS}
    for source in named:
        taken, before = len(kept), {fault: len(found) for fault, found in places.items()}
        for where, conversation in _read(source, columns):
            form = normal_forms(conversation)
            if fault := _fault(conversation) or ("duplicates" if form in known else ""):
                places[fault].append(where)
            else:
                known.add(form)
                kept.append(conversation)
        if len(kept) == taken:
            counts = {fault: len(found) - before[fault] for fault, found in places.items()}
            told = ", ".join(f"{count:,} {fault.replace('_', ' ')}" for fault, count in counts.items() if count)
            raise SourceError(f"{source}: no conversation to learn from in it ({told or 'no rows'}).")
    examples = {fault: tuple(found[:_EXAMPLES]) for fault, found in places.items() if found}
    return ConversationSet(
        tuple(kept), LeftOut(**{fault: len(found) for fault, found in places.items()}, examples=examples)
    )


def conversation_hash(source: str) -> str:
    """What identifies the content of a source, for a manifest; the arguments and errors of `corpus.rows.source_hash`.

    Raises:
        SourceError: no such file, of no known format, or no number after `synthetic:`.
    """
    if source.startswith(SYNTHETIC):
        return hash_json([SYNTHETIC, synthetic_count(source), VERSION])
    return source_hash(source)


def synthetic_count(source: str) -> int:
    """The N of `synthetic:N`.

    Raises:
        SourceError: it is no whole number from 1 to `MOST`.
    """
    told = source.removeprefix(SYNTHETIC)
    plain = told.replace("_", "")
    if not (plain.isascii() and plain.isdigit() and 1 <= int(plain) <= MOST):
        raise SourceError(
            f"{source}: {told!r} is no number of conversations. Write synthetic:5000; from 1 to {MOST:,}."
        )
    return int(plain)


def _read(source: str, columns: Columns) -> Iterator[tuple[str, Conversation]]:
    if source.startswith(SYNTHETIC):
        made = make_conversations(synthetic_count(source))
        yield from ((f"{source}, conversation {n:,}", each) for n, each in enumerate(made, start=1))
        return
    for row in read_rows(source):
        yield row.where, conversation_of(row, columns)


def _fault(conversation: Conversation) -> str:
    if any(not message.content for message in conversation):
        return "empty_turns"
    if all(message.role != "assistant" for message in conversation):
        return "no_answer"
    return "disorder" if disorder(conversation) else ""
