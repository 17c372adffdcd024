"""The chat in a terminal: its commands, what is kept of a conversation, pipes, and Ctrl-C in a real terminal."""

import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner, Result

import fidan.cli
from fidan.cli.app import app
from fidan.corpus.conversations.conversation import Message
from fidan.corpus.conversations.read import read_conversations
from fidan.errors import FidanError
from fidan.generation.generate import Finish
from fidan.recipe import GenerateConfig
from fidan.serving.terminal.lines import visible
from fidan.serving.terminal.session import COMMANDS, HELP, Session
from fidan.serving.terminal.settings import SETTINGS, STOP, SettingError, change, find, show
from fidan.serving.terminal.words import nearest, plain
from fidan.settings import build
from fidan.stages import Run
from fidan.tokenizer.chat import MessageTooLong

assert fidan.cli.main  # the commands are hung on the application


@dataclass
class Script:
    """Answers "1. cevap", "2. cevap" …, and keeps what it was asked."""

    finish: Finish = "end"
    dropped: int = 0
    asked: list[tuple[list[Message], GenerateConfig, int]] = field(default_factory=list)

    def __call__(self, messages: Sequence[Message], config: GenerateConfig, seed: int) -> "ScriptedAnswer":
        if "uzun" in messages[-1].content:
            raise MessageTooLong("too long", 90, 64)
        self.asked.append((list(messages), config, seed))
        return ScriptedAnswer([f"{len(self.asked)}. ", "", "cevap"], self)


class ScriptedAnswer:
    def __init__(self, pieces: list[str], script: Script) -> None:
        self.dropped, self.finish, self._pieces, self._end = script.dropped, None, pieces, script.finish
        self.finish: Finish | None

    def __iter__(self) -> Iterator[str]:
        yield from self._pieces[:-1]
        self.finish = self._end
        yield self._pieces[-1]


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def session(script: Script) -> Session:
    return Session(script, GenerateConfig(), seed=7)


def ask(session: Session, question: str) -> tuple[str, list[str]]:
    """The answer, and what is told of it."""
    turn = session.ask(question)
    return "".join(turn), turn.close()


def texts(session: Session) -> list[str]:
    return [message.content for message in session.messages]


def test_a_conversation_is_kept_and_sent_whole(session: Session, script: Script) -> None:
    assert ask(session, "Merhaba") == ("1. cevap", [])
    assert ask(session, "Nasılsın?") == ("2. cevap", [])
    assert texts(session) == ["Merhaba", "1. cevap", "Nasılsın?", "2. cevap"]
    sent, _, seed = script.asked[1]
    assert [(each.role, each.content) for each in sent] == [
        ("user", "Merhaba"),
        ("assistant", "1. cevap"),
        ("user", "Nasılsın?"),
    ]
    assert [script.asked[0][2], seed] == [7, 8]  # another seed for each answer


def test_a_question_is_asked_as_training_writes_text(session: Session, script: Script) -> None:
    ask(session, " c\u0327ay \n")
    assert script.asked[0][0] == [Message("user", "çay")]


def test_again_answers_the_last_question_with_another_seed(session: Session, script: Script) -> None:
    ask(session, "Bir")
    ask(session, "İki")
    assert session.command("/tekrar").again
    turn = session.again()
    assert "".join(turn) == "3. cevap"
    turn.close()
    assert texts(session) == ["Bir", "1. cevap", "İki", "3. cevap"]
    assert script.asked[2][0] == script.asked[1][0]
    assert script.asked[2][2] != script.asked[1][2]


def test_the_last_turn_is_taken_back(session: Session) -> None:
    ask(session, "Bir")
    ask(session, "İki")
    assert session.command("/geri").text == "Geri alındı: İki"
    assert texts(session) == ["Bir", "1. cevap"]
    session.command("/geri")
    for command in ("/geri", "/tekrar"):
        with pytest.raises(FidanError, match="Henüz bir soru yok"):
            session.command(command)


def test_a_system_message_leads_from_then_on(session: Session, script: Script) -> None:
    ask(session, "Bir")
    session.command("/sistem Kısa cevap ver.\nTürkçe konuş.")
    ask(session, "İki")
    assert script.asked[1][0][0] == Message("system", "Kısa cevap ver.\nTürkçe konuş.")
    assert len(script.asked[1][0]) == 4
    assert session.command("/sistem").text == "Kısa cevap ver.\nTürkçe konuş."
    session.command("/sistem -")
    assert texts(session)[0] == "Bir"


def test_a_reset_leaves_settings_and_system(session: Session) -> None:
    session.command("/ayar sıcaklık 0,2")
    session.command("/sistem Kısa.")
    ask(session, "Bir")
    session.command("/sıfırla")
    assert texts(session) == ["Kısa."]
    assert session.config.temperature == 0.2


def test_a_full_context_is_told_once(session: Session, script: Script) -> None:
    script.dropped = 2
    assert [len(ask(session, "Bir")[1]), len(ask(session, "İki")[1])] == [1, 0]
    session.command("/sıfırla")
    assert "en eski 2 mesajı artık görmüyor" in ask(session, "Üç")[1][0]


@pytest.mark.parametrize(("finish", "told"), [("length", "128 token"), ("context", "bağlamın sonuna"), ("stop", "")])
def test_why_an_answer_ended_is_told(session: Session, script: Script, finish: Finish, told: str) -> None:
    script.finish = finish
    assert told in " ".join(ask(session, "Bir")[1])
    assert bool(told) == bool(session.turns and told)


def test_a_stopped_answer_is_kept_as_far_as_it_came(session: Session) -> None:
    turn = session.ask("Bir")
    assert next(iter(turn)) == "1. "
    assert turn.close() == ["Durduruldu."]
    assert texts(session) == ["Bir", "1. "]
    turn = session.ask("İki")
    assert turn.close() == ["Durduruldu; soru konuşmaya girmedi."]
    assert texts(session) == ["Bir", "1. "]


def test_a_question_that_cannot_be_asked_is_refused_and_not_kept(session: Session) -> None:
    with pytest.raises(FidanError, match="çok uzun: 90 token, yer 64"):
        session.ask("uzun")
    with pytest.raises(FidanError, match="UTF-8 değil"):
        session.ask("a\udcff")
    with pytest.raises(FidanError, match="boş"):
        session.ask("  ")
    assert not session.turns


def test_a_conversation_is_saved_as_messages_and_never_over_a_file(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "konuşma.jsonl"
    with pytest.raises(FidanError, match="Kaydedilecek"):
        session.command(f"/kaydet {path}")
    session.command("/sistem Kısa.")
    ask(session, "Işık\nnedir?")
    assert session.command(f"/kaydet {path}").text == f"{path}: 1 soru ve cevap yazıldı."
    (line,) = path.read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["messages"] == [
        {"role": "system", "content": "Kısa."},
        {"role": "user", "content": "Işık\nnedir?"},
        {"role": "assistant", "content": "1. cevap"},
    ]
    read = read_conversations([str(path)])
    assert [list(each) for each in read.conversations] == [session.messages]
    with pytest.raises(FidanError, match="zaten var"):
        session.command(f"/kaydet {path}")
    assert path.read_text(encoding="utf-8") == f"{line}\n"
    with pytest.raises(OSError, match="No such file"):
        session.command(f"/kaydet {tmp_path / 'yok' / 'x'}")
    with pytest.raises(FidanError, match="adı gerekli"):
        session.command("/kaydet")


@pytest.mark.parametrize("typed", ["/yardım", "/yardim", "/YARDIM", "/Yardim", "/YARDİM "])
def test_commands_are_known_in_any_case_and_without_turkish_letters(session: Session, typed: str) -> None:
    assert session.command(typed).text == HELP


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/yardm", "/yardm: böyle bir komut yok. Belki: /yardım"),
        ("/Tekrra", "Belki: /tekrar"),
        ("/xqz", "Komutlar: /yardım"),
        ("/", "Komutlar: /yardım"),
        ("/çık hemen", "/çık yalnız yazılır; 'hemen' fazla"),
    ],
)
def test_an_unknown_command_is_named_with_the_nearest(session: Session, typed: str, told: str) -> None:
    with pytest.raises(FidanError, match=re.escape(told)):
        session.command(typed)


def test_leaving(session: Session) -> None:
    assert session.command("/ÇIK").leave
    assert all(f"/{name}" in HELP for name in COMMANDS)


def test_every_setting_has_a_turkish_name_and_the_range_it_can_have() -> None:
    apart = {"prompts", "samples", "stop"}
    assert {each.field for each in SETTINGS} == {field.name for field in fields(GenerateConfig)} - apart
    for each in SETTINGS:
        assert find(each.name) is find(plain(each.name)) is find(each.field.replace("_", "-")) is each
        together = {"temperature": 0.0} if each.field in ("beams", "length_penalty") else {}
        together |= {"beams": 2} if each.field == "length_penalty" else {}
        for bound in (each.low, each.high):
            assert bound is not None
            value = bound + 0.001 * (each.above and bound == each.low)
            assert each.read(f"{value:f}") == value
            build(GenerateConfig, {**together, each.field: int(value) if each.whole else value}, "test")
        outside = f"{each.low if each.above else each.low - 1:g}"  # type: ignore[operator]
        with pytest.raises(SettingError, match=re.escape(each.range)):
            each.read(outside)
        if each.low == 0 or each.whole:
            with pytest.raises(ValueError, match=each.field):
                GenerateConfig(**{each.field: type(getattr(GenerateConfig(), each.field))(float(outside))})


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/ayar sıcaklk 1", "sıcaklk: böyle bir ayar yok. Belki: /ayar sıcaklık"),
        ("/ayar zzz", "Ayarlar: uzunluk, sıcaklık"),
        ("/ayar sıcaklık çok", "sıcaklık çok: olmaz; sayı, en az 0, en çok 100"),
        ("/ayar ilk_p 0", "ilk_p 0: olmaz; sayı, 0'dan büyük, en çok 1"),
        ("/ayar ilk-k 2,5", "ilk_k 2,5: olmaz; tam sayı"),
        ("/ayar uzunluk " + "9" * 400, "olmaz; tam sayı, en az 1"),
        ("/ayar sıcaklık nan", "olmaz"),
        ("/ayar ışın 4", "Önce /ayar sıcaklık 0"),
        ("/ayar uzunluk_cezası 2", "Önce /ayar ışın 2"),
        ("/ayar tohum -1", "tohum -1: olmaz"),
    ],
)
def test_a_wrong_setting_is_named_with_the_nearest_or_its_range(session: Session, typed: str, told: str) -> None:
    before = session.config, session.seed
    with pytest.raises(FidanError, match=re.escape(told)):
        session.command(typed)
    assert (session.config, session.seed) == before


def test_settings_are_shown_and_changed(session: Session, script: Script) -> None:
    assert session.command("/ayar sicaklik 0,7").text == "sıcaklık = 0,7"
    assert session.command("/AYAR TOP_K 9").text == "ilk_k = 9"
    assert "en az 0" in session.command("/ayar ilk_k").text
    assert session.command("/ayar dur Bitti artık").text == "dur = Bitti artık"
    assert session.command("/ayar tohum 40").text == "tohum = 40"
    ask(session, "Bir")
    _, config, seed = script.asked[0]
    assert (config, seed) == (replace(GenerateConfig(), temperature=0.7, top_k=9, stop=("Bitti artık",)), 40)
    shown = session.command("/ayar").text.splitlines()
    assert [line.split()[0] for line in shown] == [*(each.name for each in SETTINGS), STOP, "tohum"]
    assert re.search(r"^sıcaklık +0,7 ", "\n".join(shown), re.MULTILINE)
    assert change(session.config, "DUR", "-").stop == ()
    searching = change(change(session.config, "sıcaklık", "0"), "ışın", "4")
    assert "4" in show(searching, 1)
    with pytest.raises(SettingError, match="Önce /ayar ışın 1"):
        change(searching, "sıcaklık", "1")


def test_words_are_the_same_with_and_without_marks() -> None:
    assert plain("SICAKLIK") == plain("sıcaklık") == plain("Sicaklik") == "sicaklik"
    assert nearest("sıcklık", ["sıcaklık", "ışın"]) == "sıcaklık"
    assert nearest("qqq", ["sıcaklık", "ışın"]) is None


def test_a_model_cannot_command_the_terminal() -> None:
    assert visible("ışık\n\tson\x1b[2J\x9b1m\r\x07") == "ışık\n\tson\ufffd[2J\ufffd1m\ufffd\ufffd"


# The command itself, with a model


@pytest.fixture(scope="module")
def chat_run(tiny_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny run as if it had been taught to chat."""
    folder = tmp_path_factory.mktemp("chat") / "run"
    for stage in ("tokenizer", "train"):
        shutil.copytree(tiny_run.folder(stage), folder / stage)  # type: ignore[arg-type]
    shape = folder / "train" / "model.json"
    shape.write_text(json.dumps({**json.loads(shape.read_text()), "chat": True}))
    return folder


def chat(model: Path, text: bytes, *options: object) -> Result:
    command = ["chat", "--model", str(model), "--max-new-tokens", "6", *map(str, options)]
    return CliRunner().invoke(app, command, input=text, catch_exceptions=False)


def test_a_pipe_is_a_question_a_line(chat_run: Path) -> None:
    one = chat(chat_run, b"Merhaba\n", "--seed", 1)
    assert one.exit_code == 0
    assert one.stdout.strip()
    many = chat(chat_run, "\ufeffMerhaba\r\n\n//Merhaba\n/sıfırla\nbir \\\niki".encode(), "--seed", 1)
    assert many.stdout.startswith(one.stdout)
    assert many.stdout != one.stdout
    assert many.stderr.count("Konuşma silindi.") == 1
    assert "Uzunluk sınırı: 6 token" in many.stderr
    assert many.exit_code == 0


def test_options_of_generate_hold_here(chat_run: Path) -> None:
    greedy = ("--temperature", 0, "--repetition-penalty", 1)
    plain_answer = chat(chat_run, b"Ali\n", *greedy).stdout
    assert chat(chat_run, b"Ali\n", "--seed", 9, "--top-k", 1, "--repetition-penalty", 1).stdout == plain_answer
    system = chat(chat_run, b"Ali\n", *greedy, "--system", "uzun " * 100)
    assert re.search(r"Soru çok uzun: \d+ token, yer 63. Kısaltın ya da sistem metnini kısaltın", system.stderr)
    with pytest.raises(FidanError, match=r"top_p = 0\.0: above 0"):
        chat(chat_run, b"Ali\n", "--top-p", 0)


def test_what_goes_wrong_in_a_pipe_is_told_and_the_rest_answered(chat_run: Path) -> None:
    result = chat(chat_run, b"Ali\n\xff\xfe\n/ayar\xc4\xb1 x\n" + b"uzun " * 200 + b"\nVeli\n")
    assert result.exit_code == 1
    assert "2. satır UTF-8 değil (1. bayt: 0xff)" in result.stderr
    assert "Belki: /ayar" in result.stderr
    assert re.search(r"Soru çok uzun: \d+ token, yer 63", result.stderr)
    assert len(result.stderr.split("Uzunluk sınırı")) == 3  # two answers


def test_a_model_that_only_continues_text_is_refused(tiny_run: Run) -> None:
    with pytest.raises(FidanError, match="fidan sft"):
        chat(tiny_run.out, b"Ali\n")


# The loop, in a process of its own

SLOW = """
import fcntl, signal, sys, termios, time
from fidan.recipe import GenerateConfig
from fidan.serving.terminal.loop import run
from fidan.serving.terminal.session import Session

class Slow:
    dropped, finish = 0, None

    def __init__(self, messages, config, seed):
        self._question = messages[-1].content

    def __iter__(self):
        yield repr(self._question)
        for _ in range(500 if self._question == "say" else 0):
            yield " parça"
            time.sleep(0.02)
        self.finish = "end"
        yield "."

signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may have it ignored
if sys.stdin.isatty():
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
raise SystemExit(run(Session(Slow, GenerateConfig(), 1), "deneme"))
"""


class Terminal:
    """A process in a terminal of its own."""

    def __init__(self, **environment: str) -> None:
        self._ours, theirs = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-c", SLOW], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
            env={**os.environ, "PYTHONUTF8": "1", **environment},
        )  # fmt: skip
        os.close(theirs)
        self._shown = b""

    def until(self, text: str) -> str:
        """What is shown up to this text, from where it was read last."""
        ends = time.monotonic() + 60
        while text.encode() not in self._shown:
            ready = select.select([self._ours], [], [], max(0, ends - time.monotonic()))[0]
            assert ready, f"no {text!r} in {self._shown.decode()!r}"
            self._shown += os.read(self._ours, 1 << 16)
        before, _, self._shown = self._shown.partition(text.encode())
        return before.decode()

    def interrupt_prompt(self) -> None:
        """Ctrl-C while a line is typed, which is given up.

        Python's readline hears a signal only while it waits for a key: the echo and sleep show that it does.
        """
        self.until("> ")
        self.type("yarım")
        self.until("yarım")
        while psutil.Process(self._process.pid).status() != psutil.STATUS_SLEEPING:
            time.sleep(0.01)
        self.type("\x03")

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def close(self) -> int:
        try:
            return self._process.wait(60)
        finally:
            self._process.kill()
            os.close(self._ours)


@pytest.mark.skipif(sys.platform == "win32", reason="pty")
def test_ctrl_c_stops_the_answer_and_not_the_program(tmp_path: Path) -> None:
    terminal = Terminal(TERM="dumb")
    terminal.until("deneme ile sohbet")
    terminal.until("> ")
    terminal.type("say\n")
    terminal.until("parça parça")
    terminal.type("\x03")
    terminal.until("Durduruldu.")
    terminal.until("> ")
    path = tmp_path / "x.jsonl"
    terminal.type(f"/kaydet {path}\n")
    terminal.until("1 soru ve cevap yazıldı.")
    kept = json.loads(path.read_text(encoding="utf-8"))["messages"][1]["content"]
    assert re.fullmatch(r"'say'( parça){2,400}", kept)
    terminal.interrupt_prompt()
    terminal.until("bir kez daha Ctrl-C")
    terminal.until("> ")
    terminal.type("bir\niki\n")  # pasted
    terminal.until(r"'bir\niki'.")
    terminal.interrupt_prompt()  # not the second one in a row
    terminal.until("bir kez daha Ctrl-C")
    terminal.interrupt_prompt()
    assert terminal.close() == 0


def test_a_broken_pipe_ends_it_quietly() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdin.write(b"say\n" * 3)
    process.stdin.close()
    assert process.stdout.read(5) == b"'say'"
    process.stdout.close()
    assert process.wait(60) == 141
    assert process.stderr.read() == b""
    process.stderr.close()
