"""Sets of preferences, read: what can be learnt from is kept, and what is left out is counted with its places.

A prompt is a text or a list of messages; an answer is a text, or a list of messages that ends with the assistant's.
What such a list holds before its answer is the prompt, and has to be that of the prompt's column, where there is one;
so sets whose two columns are whole conversations are read, too. `synthetic:N` is N preferences of this package's
making. What it leaves out: answers of several turns; files and formats (`corpus.rows`), splits (`split`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fidan.artifact import hash_json
from fidan.corpus.conversations.conversation import Conversation, Message, Role, disorder
from fidan.corpus.conversations.forms import turns_of
from fidan.corpus.conversations.read import SYNTHETIC, synthetic_count
from fidan.corpus.preferences.preference import Preference
from fidan.corpus.preferences.synthetic import VERSION, make_preferences
from fidan.corpus.rows import Row, read_rows, source_hash, text_of
from fidan.errors import SourceError

FAULTS = ("empty_texts", "disorder", "other_prompts", "equal_answers", "duplicates")
_EXAMPLES = 3  # places of preferences left out that a message names


@dataclass(frozen=True)
class Columns:
    """The names of the columns.

    Attributes:
        prompt: of the prompts; may be missing where both answers are lists of messages.
        chosen: of the better answers.
        rejected: of the worse ones.
    """

    prompt: str = "prompt"
    chosen: str = "chosen"
    rejected: str = "rejected"


class LeftOut(NamedTuple):
    """How many preferences were not taken, and why; the first of these that holds counts.

    Attributes:
        empty_texts: a message or an answer is nothing but white space, or missing.
        disorder: roles out of order, or a prompt that does not end with the user, or an answer that is not the
            assistant's.
        other_prompts: the two answers are to different prompts.
        equal_answers: letter by letter the same, so that nothing is preferred.
        duplicates: all texts as those of an earlier one, which is kept.
        examples: the places of the first of each.
    """

    empty_texts: int = 0
    disorder: int = 0
    other_prompts: int = 0
    equal_answers: int = 0
    duplicates: int = 0
    examples: Mapping[str, tuple[str, ...]] = {}


class PreferenceSet(NamedTuple):
    """What was read.

    Attributes:
        preferences: in the order of the sources.
        left_out: what is not among them.
    """

    preferences: tuple[Preference, ...]
    left_out: LeftOut


def read_preferences(sources: str | Sequence[str], columns: Columns = Columns()) -> PreferenceSet:
    """The preferences of one set or of several.

    Args:
        sources: files or datasets, as `corpus.rows` tells them, or `synthetic:N`.
        columns: of all of them.

    Raises:
        SourceError: a source cannot be read, a column is missing or holds something else than text and messages, or
            no preference of a source is left.
    """
    named = [sources] if isinstance(sources, str) else list(sources)
    if not named:
        raise SourceError("no preferences: no source is named. Name a file, a dataset or synthetic:N.")
    kept: list[Preference] = []
    known: set[Preference] = set()
    places: dict[str, list[str]] = {fault: [] for fault in FAULTS}
    for source in named:
        taken, before = len(kept), {fault: len(found) for fault, found in places.items()}
        for where, found in _read(source, columns):
            if isinstance(found, Preference) and found not in known:
                known.add(found)
                kept.append(found)
            else:
                places["duplicates" if isinstance(found, Preference) else found].append(where)
        if len(kept) == taken:
            counts = {fault: len(found) - before[fault] for fault, found in places.items()}
            told = ", ".join(f"{count:,} {fault.replace('_', ' ')}" for fault, count in counts.items() if count)
            raise SourceError(f"{source}: no preference to learn from in it ({told or 'no rows'}).")
    examples = {fault: tuple(found[:_EXAMPLES]) for fault, found in places.items() if found}
    counts = {fault: len(found) for fault, found in places.items()}
    return PreferenceSet(tuple(kept), LeftOut(**counts, examples=examples))


def preference_hash(source: str) -> str:
    """What identifies the content of a source, for a manifest.

    Raises:
        SourceError: no such file, of no known format, or no number after `synthetic:`.
    """
    if source.startswith(SYNTHETIC):
        return hash_json([SYNTHETIC, "preferences", synthetic_count(source), VERSION])
    return source_hash(source)


def _read(source: str, columns: Columns) -> Iterator[tuple[str, Preference | str]]:
    if source.startswith(SYNTHETIC):
        made = make_preferences(synthetic_count(source))
        yield from ((f"{source}, pair {n:,}", each) for n, each in enumerate(made, start=1))
        return
    for row in read_rows(source):
        yield row.where, _preference(row, columns)


def _preference(row: Row, columns: Columns) -> Preference | str:
    """What a row says, or what is wrong with it."""
    (before, chosen), (also, rejected) = (_answer(row, name) for name in (columns.chosen, columns.rejected))
    prompts = [prompt for prompt in (before, also) if prompt]
    if columns.prompt in row.cells:
        prompts.append(_messages(row, columns.prompt, "user"))
    elif len(prompts) < 2:
        text_of(row, columns.prompt)  # tells that it is missing
    if not all(prompts) or not all(message.content for prompt in prompts for message in prompt):
        return "empty_texts"
    if any(disorder(prompt) or prompt[-1].role != "user" for prompt in prompts):
        return "disorder"
    if any(prompt != prompts[0] for prompt in prompts):
        return "other_prompts"
    if chosen is None or rejected is None:
        return "disorder"
    if not chosen or not rejected:
        return "empty_texts"
    return "equal_answers" if chosen == rejected else Preference(prompts[0], chosen, rejected)


def _answer(row: Row, column: str) -> tuple[Conversation, str | None]:
    """What a column has before the answer, and the answer; None: its last message is not the assistant's."""
    messages = _messages(row, column, "assistant")
    if not messages:
        return (), ""
    return messages[:-1], messages[-1].content if messages[-1].role == "assistant" else None


def _messages(row: Row, column: str, role: Role) -> Conversation:
    if isinstance(row.cells.get(column), list):
        return turns_of(row, column)
    return (Message(role, text_of(row, column)),)
