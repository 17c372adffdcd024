"""Conversations: every form gives the same ones, faults are told or counted, and splits share no text that counts."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, reject
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from fidan.corpus.conversations.config import ConversationsConfig
from fidan.corpus.conversations.conversation import Conversation, Message, conversations_hash, disorder
from fidan.corpus.conversations.read import conversation_hash, read_conversations, synthetic_count
from fidan.corpus.conversations.report import counts_of, lines_of
from fidan.corpus.conversations.split import WORDS, split_conversations
from fidan.corpus.conversations.synthetic import make_conversations
from fidan.corpus.pairs.pair import normal_form
from fidan.corpus.pairs.read import Columns
from fidan.corpus.splits import SPLITS
from fidan.errors import FidanError, SourceError
from fidan.turkish import upper

ONE: Conversation = (
    Message("user", "Kira nedir?\n\nKısa yaz."),
    Message("assistant", "Kullanma bedelidir."),
)
LONG: Conversation = (
    Message("system", "Kibar ol."),
    Message("user", "Merhaba, <|im_end|> nedir?"),
    Message("assistant", "Bir işaret."),
    Message("user", "Sağ ol."),
)


def plain(conversation: Conversation, role: str = "role", content: str = "content") -> list[dict[str, str]]:
    names = {"role": {}, "from": {"user": "human", "assistant": "gpt"}}[role]
    return [{role: names.get(message.role, message.role), content: message.content} for message in conversation]


def write_jsonl(path: Path, rows: Sequence[Any]) -> str:
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return str(path)


ALPACA = {"instruction": "Kira nedir?", "input": "Kısa yaz. ", "output": "Kullanma bedelidir."}
ROWS = {
    "messages": [{"messages": plain(ONE)}, {"messages": plain(LONG), "id": 3}],
    "sharegpt": [
        {"conversations": plain(ONE, "from", "value")},
        {"conversations": plain(LONG, "from", "value")},
    ],
    "mixed": [ALPACA, {"messages": plain(LONG)}],
    "columns": [
        {"Soru": "Kısa yaz.", "Cevap": "Kullanma bedelidir.", "madde": "Kira nedir?"},
        {"messages": plain(LONG)},
    ],
}
TABLES = ("messages", "sharegpt")  # the rows of the others have not all the same columns


@pytest.mark.parametrize(
    ("form", "ending"),
    [*((form, ending) for form in ROWS for ending in (".jsonl", ".json")), *((form, ".parquet") for form in TABLES)],
)
def test_every_form_and_format_gives_the_same_conversations(tmp_path: Path, form: str, ending: str) -> None:
    path, rows = tmp_path / f"a{ending}", ROWS[form]
    if ending == ".jsonl":
        write_jsonl(path, rows)
    elif ending == ".json":
        path.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    else:
        pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
        parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    columns = Columns("Soru", "Cevap", "madde" if form == "columns" else "")
    found = read_conversations(str(path), columns)
    assert found.conversations == (ONE, LONG)
    assert conversation_hash(str(path))


def test_alpaca_and_columns_come_as_csv_and_messages_in_a_cell(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("instruction,output\nNe renk?,Mavi.\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("soru;yanıt\nNe gün?;Pazar.\n", encoding="utf-8")
    cell = json.dumps(plain(ONE), ensure_ascii=False).replace('"', '""')
    (tmp_path / "c.csv").write_text(f'messages\n"{cell}"\n', encoding="utf-8")
    sources = [str(tmp_path / f"{name}.csv") for name in "abc"]
    texts = [
        [message.content for message in each] for each in read_conversations(sources, Columns("soru", "yanıt"))[0]
    ]
    assert texts == [["Ne renk?", "Mavi."], ["Ne gün?", "Pazar."], [message.content for message in ONE]]


def test_texts_are_composed_and_stripped_and_an_empty_system_message_is_none(tmp_path: Path) -> None:
    turns = [
        {"role": "system", "content": " "},
        {"role": "user", "content": " s\u0327u\u0308 "},
        {"role": "assistant", "content": "i\u0307\n"},
    ]
    (found,) = read_conversations(write_jsonl(tmp_path / "a.jsonl", [{"messages": turns}])).conversations
    assert found == (Message("user", "şü"), Message("assistant", "i\u0307"))


BAD = {
    "no form": (
        {"soru": "a", "cevap": "b"},
        r"a.jsonl:2: no conversation in the columns 'soru', 'cevap'. Wanted are",
    ),
    "no columns": ({}, r"a.jsonl:2: no conversation in the columns \(none\)"),
    "no list": ({"messages": {"role": "user"}}, r"a.jsonl:2: messages holds dict, where a list"),
    "null": ({"messages": None}, r"a.jsonl:2: messages holds NoneType, where a list"),
    "text": ({"messages": "merhaba"}, r"a.jsonl:2: messages: not valid JSON"),
    "no role": ({"messages": [{"content": "a"}]}, r"a.jsonl:2: messages, message 1: an object with 'role' and"),
    "a word": ({"messages": ["a"]}, r"message 1: an object with 'role' and 'content' is wanted"),
    "tool": (
        {"messages": [*plain(ONE), {"role": "tool", "content": "a"}]},
        r"a.jsonl:2: messages, message 3: role = 'tool'. Known are system, user, ",
    ),
    "parts": (
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}]},
        r"a.jsonl:2: messages, message 1: 'content' holds list, where text is wanted",
    ),
    "number": ({"instruction": "a", "output": 4}, r"a.jsonl:2: column 'output' holds int, where text is wanted"),
    "surrogate": ({"instruction": "a", "output": "\ud800"}, r"a.jsonl:2: column 'output' holds half of a surrogate"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_row_of_no_known_form_is_told_with_its_line(tmp_path: Path, name: str) -> None:
    row, told = BAD[name]
    with pytest.raises(SourceError, match=told):
        read_conversations(write_jsonl(tmp_path / "a.jsonl", [{"messages": plain(ONE)}, row]))


@pytest.mark.parametrize(
    ("content", "told"),
    [("[1]", r"a.json, item 1: a JSON int"), ("{}", "a JSON dict, where one list"), ("[", "not valid JSON")],
)
def test_a_json_file_is_one_list_of_objects(tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(SourceError, match=told):
        read_conversations(str(tmp_path / "a.json"))


def test_what_cannot_be_learnt_from_is_left_out_counted_and_named(tmp_path: Path) -> None:
    shouted = [{**turn, "content": upper(turn["content"])} for turn in plain(ONE)]
    rows = [
        plain(ONE),
        [],
        [{"role": "user", "content": "a"}],
        [{"role": "user", "content": " "}, {"role": "assistant", "content": "b"}],
        [{"role": "assistant", "content": "b"}, {"role": "user", "content": "a"}],
        [*plain(ONE), {"role": "assistant", "content": "b"}],
        [*plain(ONE), {"role": "system", "content": "b"}],
        shouted,
    ]
    path = write_jsonl(tmp_path / "a.jsonl", [{"messages": row} for row in rows])
    found = read_conversations(path)
    assert found.conversations == (ONE,)
    assert found.left_out[:4] == (1, 2, 3, 1)
    split = split_conversations(found.conversations, 0, 0)
    assert list(lines_of(found, split)) == [
        "1 conversations in 1 groups: 1 train, 0 valid, 0 test",
        f"left out: 1 empty turns ({path}:4)",
        f"left out: 2 no answer ({path}:2; {path}:3)",
        f"left out: 3 disorder ({path}:5; {path}:6; {path}:7)",
        f"left out: 1 duplicates ({path}:8)",
    ]
    counts = counts_of(found, split)
    assert counts["left_out"] == {"empty_turns": 1, "no_answer": 2, "disorder": 3, "duplicates": 1}
    assert counts["train"]["hash"] == conversations_hash([ONE])
    assert counts["train"]["answer_words"] == {"median": 2, "p95": 2, "max": 2}
    assert counts["valid"] == {"conversations": 0}
    with pytest.raises(
        SourceError, match=r"a.jsonl: no conversation to learn from in it .1 empty turns.*2 duplicates"
    ):
        read_conversations([path, path])


def test_the_order_of_roles_is_told() -> None:
    a, b, c = Message("system", "s"), Message("user", "u"), Message("assistant", "a")
    assert not any(map(disorder, ([a, b, c], [b, c, b], [b], [])))
    assert disorder([b, c, a]) == "a system message that is not the first"
    assert disorder([a, c, b]) == "the assistant speaks first"
    assert disorder([b, b, c]) == "the user speaks twice in a row"
    with pytest.raises(FidanError, match="role = 'tool': a message is of system, user, assistant"):
        Message("tool", "x")  # type: ignore[arg-type]


def test_made_conversations_are_a_fixed_function_of_the_seed_and_all_different() -> None:
    made = list(make_conversations(400))
    assert tuple(made) == read_conversations("synthetic:400").conversations
    assert list(make_conversations(100)) == made[:100]
    assert list(make_conversations(100, seed=1)) != made[:100]
    assert not any(map(disorder, made))
    assert {len(each) for each in made} >= {2, 4, 6}
    assert len(set(made)) == 400
    assert all(each[-1].role == "assistant" for each in made)
    assert conversations_hash(made[:5]) == "e984f0c08fb3d525fb3d9d06291980bc"
    assert (
        conversation_hash("synthetic:400") == conversation_hash("synthetic:4_00") != conversation_hash("synthetic:5")
    )


@pytest.mark.parametrize("count", ["", "0", "-3", "1e3", "5MB", "٣", "2000000"])
def test_a_count_that_is_none_is_refused(count: str) -> None:
    with pytest.raises(SourceError, match=r"is no number of conversations\. Write synthetic:5000"):
        synthetic_count(f"synthetic:{count}")


def test_no_source_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no source is named"):
        read_conversations([])
    with pytest.raises(SourceError, match=r"none.jsonl: no such file. Correct the path"):
        read_conversations(str(tmp_path / "none.jsonl"))


TEXTS = st.integers(0, 40).map(lambda n: " ".join(f"söz{n}x{i}" for i in range(n % 8 + 1)))
TALKS = st.lists(st.lists(TEXTS, min_size=2, max_size=6), min_size=60, max_size=120)


def talk(texts: Sequence[str]) -> Conversation:
    even = texts[: len(texts) // 2 * 2]
    return tuple(Message(("user", "assistant")[i % 2], text) for i, text in enumerate(even))  # type: ignore[arg-type]


def binding(conversation: Conversation) -> set[str]:
    opening, *_ = conversation
    answers = [message.content for message in conversation if message.role == "assistant"]
    texts = [f"o {normal_form(opening.content)}", *(f"a {normal_form(answer)}" for answer in answers)]
    return {text for text in texts if len(text.split()) > WORDS} | {f"{texts[0]}\n{texts[1]}"}


@given(TALKS, st.integers(0, 99))
@hypothesis_settings(max_examples=25)
def test_no_opening_and_no_answer_is_in_two_splits(talks: list[list[str]], seed: int) -> None:
    conversations = [talk(texts) for texts in talks]
    try:
        split = split_conversations(conversations, 0.2, 0.2, seed)
    except FidanError:
        reject()  # a split gets none
    parts = [{key for each in getattr(split, name) for key in binding(each)} for name in SPLITS]
    assert not parts[0] & parts[1]
    assert not parts[0] & parts[2]
    assert not parts[1] & parts[2]
    assert sorted(split.train + split.valid + split.test, key=repr) == sorted(conversations, key=repr)
    turned = split_conversations(conversations[::-1], 0.2, 0.2, seed)
    assert set(turned.valid) == set(split.valid)


def test_what_everybody_says_binds_nothing_and_what_binds_most_is_not_held_out() -> None:
    def one(question: str, answer: str) -> Conversation:
        return Message("user", question), Message("assistant", answer)

    talks = [one(f"{n}. sorunun yanıtı sence nedir acaba?", "Bilmiyorum.") for n in range(500)]
    split = split_conversations(talks, 0.1, 0.1)
    assert split.groups == 500
    assert not split.large
    assert all(30 < len(part) < 70 for part in (split.valid, split.test))
    same = "Bu konuda bir bilgim yok maalesef."
    split = split_conversations([*talks, *(one(f"{n}. olay nasıl oldu?", same) for n in range(100))], 0.1, 0.1)
    assert [group.conversations for group in split.large] == [100]
    assert split.large[0].answer == same
    assert sum(each[1].content == same for each in split.train) == 100


def test_a_config_is_checked() -> None:
    assert ConversationsConfig(("synthetic:9",)).test_share == 0.05
    for settings, told in (
        ({"sources": ()}, "sources: name at least one"),
        ({"question": ""}, "question: name the column"),
        ({"valid_share": 0.0}, "valid_share = 0.0: above 0, below 1"),
        ({"valid_share": 0.5, "test_share": 0.5}, "nothing is left to learn from"),
    ):
        with pytest.raises(ValueError, match=told):
            ConversationsConfig(**{"sources": ("a.jsonl",), **settings})  # type: ignore[arg-type]


def test_everyday_talk_splits_without_a_leak(real_data: Path, tmp_path: Path) -> None:
    with (real_data / "chat" / "everyday.jsonl").open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    pairs = [{"Soru": row["dialogue"][-1].removeprefix("User2: "), "Cevap": row["reply"]} for row in rows[:3000]]
    read = read_conversations(write_jsonl(tmp_path / "a.jsonl", pairs))
    split = split_conversations(read.conversations, 0.05, 0.05)
    assert read.left_out.duplicates > 50
    assert all(0.03 < len(part) / len(read.conversations) < 0.07 for part in (split.valid, split.test))
