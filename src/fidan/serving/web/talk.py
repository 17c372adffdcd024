"""A text as it is written, for the page: gathered into a few pictures a second, and everything said in Turkish.

What it leaves out: how it is shown (`chat_tab`, `completion_tab`), and the decoding (`fidan.serving.service`).
"""

import time
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

from fidan.errors import FidanError
from fidan.generation.generate import Finish
from fidan.serving.batcher import QueueFull, Request
from fidan.serving.service import DoesNotChat, Service
from fidan.serving.web.markup import number, safe

EVERY = 0.05  # seconds between two pictures of a text: more are not seen, and each is sent whole
MOST_CHARACTERS = 200_000  # of a text that is taken to be encoded
CANNOT_CHAT = (
    "Bu model yalnız metin sürdürür; soruya yanıt vermeyi öğrenmemiş. <b>Tamamlama</b> sekmesinde bir metne "
    "başlayabilirsiniz, model devamını yazar. Sohbet eden bir model için: <code>fidan sft</code>."
)
FINISHES: dict[Finish, str] = {
    "end": "bitirdi",
    "stop": "durdu",
    "length": "parça sınırına ulaştı",
    "context": "modelin görebildiği uzunluk doldu",
}


class Told(FidanError):
    """What is wrong, in Turkish already."""


class Said(NamedTuple):
    """What has been written so far.

    Attributes:
        text: all of it.
        told: how it goes, or why it ended, as HTML; "" while it runs.
        wrong: whether it ended with an error; `told` then says which.
    """

    text: str
    told: str
    wrong: bool = False


async def said(service: Service, ask: Callable[[], Request]) -> AsyncIterator[Said]:
    """The text of a request as it grows; the last one tells how it ended. A consumer that leaves frees the slot.

    Args:
        service: what answers.
        ask: makes the request; what is wrong with it is told like any other error.
    """
    text, written, begun, shown = "", 0, time.monotonic(), 0.0
    try:
        answering = service.begin([ask()])
        try:
            async for found in answering.pieces():
                for _, piece in found:
                    text, written = text + piece.text, max(written, piece.written)
                last, now = found[-1][1], time.monotonic()
                if last.error:
                    yield Said(text, f"Yazma bir hatayla kesildi: {safe(last.error)}", True)
                elif last.finish:
                    yield Said(text, how_it_went(written, now - begun, last.finish))
                elif now - shown >= EVERY:
                    shown = now
                    yield Said(text, "")
        finally:
            answering.cancel()
    except FidanError as error:
        yield Said(text, refusal(error), True)


def how_it_went(written: int, seconds: float, finish: Finish) -> str:
    """How a text ended, as HTML."""
    speed = f", saniyede {number(written / seconds)}" if seconds > 0 and written > 1 else ""
    return f"{number(written)} parça, {number(seconds, 1)} saniye{speed} · {FINISHES[finish]}"


def refusal(error: FidanError) -> str:
    """Why a request was not taken, in Turkish, as HTML; what has no sentence of its own is told as it is."""
    if isinstance(error, QueueFull):
        wait = number(error.retry_after)
        return f"Şu anda çok kişi yazıyor ve sıra dolu. {wait} saniye sonra yeniden deneyin."
    if isinstance(error, DoesNotChat):
        return CANNOT_CHAT
    if isinstance(error, Told):
        return safe(error)
    return f"İstek yerine getirilemedi: {safe(error)}"


def check_length(service: Service, text: str | None) -> None:
    """Refuse a text that is none, or longer than the model can read; a box that was never opened has None.

    Raises:
        Told: so it is.
    """
    if not text or not text.strip():
        raise Told("Metin boş: önce bir şey yazın.")
    if len(text) > MOST_CHARACTERS:
        raise Told(f"Metin {number(len(text))} karakter; en çok {number(MOST_CHARACTERS)} alınır. Kısaltın.")
    size, longest = len(service.writer.tokenizer.encode(text)), service.writer.engine.longest_prompt
    if size >= longest:
        raise Told(f"Metin {number(size)} parça; bu model en çok {number(longest - 1)} parça okuyabilir. Kısaltın.")
