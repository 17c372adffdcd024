"""Conversations as ids that fit: a long one loses its oldest turns, then its end, and no end is learnt there."""

import pytest

from fidan.corpus.conversations.conversation import Conversation, Message
from fidan.errors import FidanError
from fidan.stages import Run
from fidan.tokenizer.chat import IM_END, encode_conversation
from fidan.tokenizer.conversations import encode_conversations, opening
from fidan.tokenizer.tokenizer import Tokenizer


@pytest.fixture(scope="module")
def tokenizer(tiny_run: Run) -> Tokenizer:
    return Tokenizer.load(tiny_run.folder("tokenizer"))


def talk(*texts: str, system: str = "") -> Conversation:
    """Turns of a user and an assistant, after a system message where there is one."""
    lead = (Message("system", system),) if system else ()
    return (*lead, *(Message("assistant" if n % 2 else "user", text) for n, text in enumerate(texts)))


LONG = talk(
    "Ali nerede?", "Ali evde.", "Peki ya Ayşe?", "Ayşe okulda.", "Ya sen?", "Ben buradayım.", system="Kısa yaz."
)


def test_what_fits_is_whole(tokenizer: Tokenizer) -> None:
    conversations = [talk("Ali nerede?", "Ali şimdi İğdır'da."), LONG]
    found = encode_conversations(tokenizer, conversations, 500)
    for number, conversation in enumerate(conversations):
        whole = encode_conversation(tokenizer, conversation)
        assert found.ids[number].tolist() == whole.ids
        assert found.written[number].tolist() == whole.written
        said = "".join(message.content for message in conversation if message.role == "assistant")
        assert found.sizes[number] == len(said.encode())
    assert (found.shortened, found.cut, found.left_out) == (0, 0, 0)
    assert found.answers.tolist() == [sum(one) for one in found.written]
    assert found.lengths.tolist() == [len(one) for one in found.ids]


@pytest.mark.parametrize(("kept", "dropped"), [(3, 1), (1, 2)])
def test_a_long_one_loses_its_oldest_turns_and_keeps_its_system_message(
    tokenizer: Tokenizer, kept: int, dropped: int
) -> None:
    rest = (LONG[0], *LONG[1 + 2 * dropped :])
    wanted = encode_conversation(tokenizer, rest)
    next_larger = len(encode_conversation(tokenizer, (LONG[0], *LONG[2 * dropped - 1 :])).ids)
    for longest in (len(wanted.ids), next_larger - 1):
        found = encode_conversations(tokenizer, [LONG], longest)
        assert found.ids[0].tolist() == wanted.ids
        assert (found.shortened, found.cut) == (1, 0)


def test_an_answer_that_is_cut_off_does_not_end(tokenizer: Tokenizer) -> None:
    conversation = talk("Ali nerede?", "Ali dün akşam eve döndü ve kapının önünde bekledi.")
    whole = encode_conversation(tokenizer, conversation)
    longest = len(whole.ids) - 8
    found = encode_conversations(tokenizer, [conversation], longest)
    assert found.ids[0].tolist() == whole.ids[:longest]
    assert (found.shortened, found.cut) == (0, 1)
    answer = found.ids[0][found.written[0]]
    assert tokenizer.special_id(IM_END) not in answer
    assert len(answer) > 3
    assert found.sizes[0] == len(tokenizer.decode(answer).encode())


def test_what_nobody_answers_is_left_out_and_counted(tokenizer: Tokenizer) -> None:
    answered = talk("Ali nerede?", "Ali evde.")
    long_question = talk("Ali nerede? " * 40, "Evde.")
    found = encode_conversations(tokenizer, [talk("Kimse yok mu?"), answered, long_question, answered[:1]], 60)
    assert found.numbers.tolist() == [1]
    assert (found.left_out, len(found)) == (3, 1)
    trailing = encode_conversations(tokenizer, [(*answered, Message("user", "Peki?"))], 500)
    assert trailing.ids[0].tolist() == encode_conversation(tokenizer, answered).ids
    with pytest.raises(FidanError, match=r"1 conversations: in none of them is an answer within 60 tokens"):
        encode_conversations(tokenizer, [long_question], 60)


def test_an_opening_ends_before_the_first_answer() -> None:
    assert opening(LONG) == (LONG[:2], "Ali evde.")
    assert opening(LONG[:2]) == (LONG[:2], "")
