"""A conversation as it stands, and the commands that change it; it reads no line and writes none.

`Session.command` answers a line that begins with `/`; `Session.ask` begins an answer, which is kept as far as it was
read. What it leaves out: the terminal (`loop`), settings one by one (`settings`), prompts and tokens
(`fidan.generation.chat`).
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fidan.corpus.conversations.conversation import Message
from fidan.errors import FidanError
from fidan.generation.generate import Finish
from fidan.recipe import GenerateConfig
from fidan.serving.terminal.settings import (
    NONE,
    SEED,
    STOP,
    STOP_MEANING,
    change,
    find,
    number,
    show,
    suggestion,
)
from fidan.serving.terminal.words import nearest, plain
from fidan.tokenizer.chat import MessageTooLong
from fidan.turkish import nfc

HELP = """\
/yardım              bu liste
/sıfırla             konuşmayı siler, ayarlar kalır
/ayar                bütün ayarlar
/ayar sıcaklık 0,7   bir ayarı değiştirir
/sistem METİN        modele nasıl davranacağını söyler; /sistem gösterir, /sistem - kaldırır
/tekrar              son soruya yeniden cevap verir
/geri                son soruyu ve cevabını siler
/kaydet DOSYA        konuşmayı JSONL olarak yazar (`fidan sft` okur)
/çık                 çıkar (Ctrl-D de)
Sonu \\ olan satır sürer. Ctrl-C cevabı durdurur. / ile başlayan bir soru için // yazın."""
COMMANDS = ("yardım", "sıfırla", "ayar", "sistem", "tekrar", "geri", "kaydet", "çık")


class Answer(Protocol):
    """What `fidan.generation.chat.Reply` is: pieces of text, some empty, and how many old messages it leaves out."""

    dropped: int

    def __iter__(self) -> Iterator[str]:
        """The pieces."""

    @property
    def finish(self) -> Finish | None:
        """Why it ended; None before its end."""


Answerer = Callable[[Sequence[Message], GenerateConfig, int], Answer]
"""Messages, settings and a seed → the answer to the last message."""


class Told(FidanError):
    """What a user did that cannot be; the message is in Turkish."""


@dataclass(frozen=True)
class Outcome:
    """What a command did.

    Attributes:
        text: for the user; may be empty.
        again: the last question is to be answered again.
        leave: the chat is over.
    """

    text: str = ""
    again: bool = False
    leave: bool = False


class Session:
    """A conversation.

    Args:
        answerer: writes answers.
        config: how.
        seed: of the first answer; each further one has the next seed, so that a conversation can be had again.
        system: the system message; empty: none.

    Attributes:
        turns: questions and answers, without the system message.
    """

    def __init__(self, answerer: Answerer, config: GenerateConfig, seed: int, system: str = "") -> None:
        self._answerer = answerer
        self.config, self.seed, self.system = config, seed, system
        self.turns: list[Message] = []
        self._answers = 0  # begun since the seed was set
        self._told_full = False

    @property
    def messages(self) -> list[Message]:
        """The conversation with its system message."""
        return [Message("system", self.system)] * bool(self.system) + self.turns

    def ask(self, question: str) -> "Turn":
        """Begin the answer to a question, which is kept with it: in form C and without space around, as in training.

        Raises:
            Told: the question is empty, broken or too long.
        """
        if not question.strip():
            raise Told("Soru boş.")
        return self._answer(self.turns, Message("user", nfc(question.strip())))

    def again(self) -> "Turn":
        """Begin another answer to the last question.

        Raises:
            Told: there is none.
        """
        self._require_turn()
        return self._answer(self.turns[:-2], self.turns[-2])

    def _answer(self, before: Sequence[Message], question: Message) -> "Turn":
        lead = [Message("system", self.system)] * bool(self.system)
        seed = self.seed + self._answers
        try:
            question.content.encode()
            answer = self._answerer([*lead, *before, question], self.config, seed)
        except UnicodeEncodeError as error:
            raise Told(f"Soru UTF-8 değil ({error.start + 1}. karakter). Metni UTF-8 olarak gönderin.") from error
        except MessageTooLong as error:
            raise Told(
                f"Soru çok uzun: {error.needed} token, yer {error.room}. Kısaltın"
                + (" ya da sistem metnini kısaltın." if self.system else ".")
            ) from error
        self._answers += 1
        return Turn(self, before, question, answer)

    def keep(self, before: Sequence[Message], question: Message, text: str, dropped: int) -> str:
        """Keep a question with its answer; called by `Turn.close`.

        Returns:
            That the model no longer sees the oldest messages, the first time it is so.
        """
        self.turns = [*before, question, Message("assistant", text)]
        if not dropped or self._told_full:
            return ""
        self._told_full = True
        return f"Bağlam doldu: model en eski {dropped} mesajı artık görmüyor. Yeni bir konuya /sıfırla ile başlayın."

    def command(self, line: str) -> Outcome:
        """Do what a line that begins with `/` says.

        Raises:
            FidanError: it cannot be done; the message is in Turkish.
            OSError: a file cannot be written.
        """
        word, _, argument = line.removeprefix("/").partition(" ")
        argument = argument.strip()
        name = next((one for one in COMMANDS if plain(one) == plain(word)), None)
        if name is None:
            like = nearest(word, COMMANDS)
            raise Told(f"/{word}: böyle bir komut yok. " + (f"Belki: /{like}" if like else "Komutlar: /yardım"))
        if argument and name in ("yardım", "sıfırla", "tekrar", "geri", "çık"):
            raise Told(f"/{name} yalnız yazılır; {argument!r} fazla.")
        return {
            "yardım": self._help,
            "sıfırla": self._reset,
            "ayar": self._set,
            "sistem": self._instruct,
            "tekrar": self._repeat,
            "geri": self._back,
            "kaydet": self._save,
            "çık": self._leave,
        }[name](argument)

    def _help(self, argument: str) -> Outcome:
        return Outcome(HELP)

    def _leave(self, argument: str) -> Outcome:
        return Outcome(leave=True)

    def _reset(self, argument: str) -> Outcome:
        self.turns, self._told_full = [], False
        return Outcome("Konuşma silindi.")

    def _repeat(self, argument: str) -> Outcome:
        self._require_turn()
        return Outcome(again=True)

    def _back(self, argument: str) -> Outcome:
        self._require_turn()
        question = self.turns[-2].content
        self.turns = self.turns[:-2]
        return Outcome(f"Geri alındı: {question}")

    def _require_turn(self) -> None:
        if not self.turns:
            raise Told("Henüz bir soru yok.")

    def _instruct(self, argument: str) -> Outcome:
        if not argument:
            return Outcome(self.system or "Sistem metni yok.")
        self.system = "" if argument == NONE else argument
        return Outcome(
            "Sistem metni değişti; sonraki cevaptan başlayarak geçerli."
            if self.system
            else "Sistem metni kaldırıldı."
        )

    def _set(self, argument: str) -> Outcome:
        name, _, value = argument.partition(" ")
        value = value.strip()
        if not name:
            return Outcome(show(self.config, self.seed))
        if plain(name) in (SEED, "seed"):
            return self._set_seed(value)
        setting = find(name)
        if value:
            self.config = change(self.config, name, value)
        elif setting is None and plain(name) not in (STOP, "stop"):
            raise Told(f"{name}: böyle bir ayar yok. {suggestion(name)}")
        if setting is None:
            return Outcome(
                f"{STOP} = {' | '.join(self.config.stop) or NONE}" + ("" if value else f" ({STOP_MEANING})")
            )
        now = f"{setting.name} = {number(getattr(self.config, setting.field))}"
        return Outcome(now if value else f"{now} ({setting.range}). {setting.meaning}.")

    def _set_seed(self, value: str) -> Outcome:
        if value:
            if not (value.isascii() and value.isdigit() and int(value) < 1 << 63):
                raise Told(f"{SEED} {value}: olmaz; tam sayı, en az 0, 2^63'ten küçük.")
            self.seed, self._answers = int(value), 0
        return Outcome(f"{SEED} = {self.seed}")

    def _save(self, argument: str) -> Outcome:
        if not argument:
            raise Told("Dosyanın adı gerekli: /kaydet konusma.jsonl")
        if not self.turns:
            raise Told("Kaydedilecek bir konuşma yok.")
        path = Path(argument).expanduser()
        line = {"messages": [{"role": each.role, "content": each.content} for each in self.messages]}
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
        except FileExistsError:
            raise Told(f"{path}: zaten var ve üstüne yazılmaz. Başka bir ad verin.") from None
        return Outcome(f"{path}: {len(self.turns) // 2} soru ve cevap yazıldı.")


class Turn:
    """An answer under way: iterating gives pieces of text; `close` keeps what was given."""

    def __init__(self, session: Session, before: Sequence[Message], question: Message, answer: Answer) -> None:
        self._session, self._before, self._question, self._answer = session, before, question, answer
        self._text = ""

    def __iter__(self) -> Iterator[str]:
        for piece in self._answer:
            self._text += piece
            yield piece

    def close(self) -> list[str]:
        """Keep question and answer, as far as it came. To be called once, however the reading ended.

        Returns:
            What the user should know of it, in Turkish.
        """
        finish = self._answer.finish
        if finish is None and not self._text:
            return ["Durduruldu; soru konuşmaya girmedi."]
        full = self._session.keep(self._before, self._question, self._text, self._answer.dropped)
        end = {
            None: "Durduruldu.",
            "length": f"Uzunluk sınırı: {self._session.config.max_new_tokens} token (/ayar uzunluk).",
            "context": "Cevap bağlamın sonuna geldi (/sıfırla yeniden başlar).",
        }
        silent = "" if self._text else "Model bir şey yazmadı (/tekrar)."
        return [notice for notice in (end.get(finish, silent), full) if notice]
