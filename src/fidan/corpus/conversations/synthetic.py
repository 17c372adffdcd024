"""Conversations of this package's own making: the small questions of `corpus.synthetic`, asked in a chat.

Half are one question and its answer. The others go on: after a greeting, from question to question, about a few
sentences that were given; some end with thanks. A model of a few million parameters learns them in minutes. They are
no substitute for what people ask.

Conversation *i* depends on the seed and on those before it, with which it must not agree; a larger count appends.
"""

import random
from collections.abc import Iterator

from fidan.corpus.conversations.conversation import Conversation, Message, normal_forms
from fidan.corpus.synthetic.generator import GENERATOR_VERSION
from fidan.corpus.synthetic.questions import Pair, reading, small_question
from fidan.corpus.synthetic.sentences import pick
from fidan.errors import SourceError

VERSION = (GENERATOR_VERSION, 1)  # raised whenever the conversations of a seed change
_TRIES = 10_000  # in a row that were all known: there are no more
_GREETINGS: tuple[Pair, ...] = (
    ("Merhaba!", "Merhaba! Nasıl yardımcı olabilirim?"),
    ("Merhaba", "Merhaba! Ne sormak istersin?"),
    ("Selam!", "Selam! Seni dinliyorum."),
    ("İyi günler.", "İyi günler! Buyurun."),
    ("Günaydın!", "Günaydın! Nasıl yardımcı olabilirim?"),
    ("İyi akşamlar.", "İyi akşamlar! Buyurun."),
    ("Merhaba, nasılsın?", "İyiyim, teşekkür ederim. Sen nasılsın?"),
    ("Selam, bir şey soracağım.", "Elbette, sor."),
    ("Sana soru sorabilir miyim?", "Elbette, sorabilirsin."),
    ("Kimsin sen?", "Küçük bir yardımcıyım. Sorunu yaz."),
    ("Ne yapabilirsin?", "Kısa soruları yanıtlayabilirim."),
)
_THANKS: tuple[Pair, ...] = (
    ("Teşekkür ederim.", "Rica ederim!"),
    ("Teşekkürler!", "Rica ederim."),
    ("Sağ ol.", "Ne demek, rica ederim."),
    ("Çok teşekkür ederim.", "Rica ederim, her zaman."),
    ("Hoşça kal.", "Hoşça kal!"),
    ("Görüşürüz!", "Görüşürüz!"),
)


def make_conversations(count: int, seed: int = 0) -> Iterator[Conversation]:
    """As many conversations, no two of which say the same.

    Raises:
        SourceError: there are not so many.
    """
    rng = random.Random(seed)
    known: set[tuple[str, ...]] = set()
    tries = 0
    while len(known) < count:
        made = _conversation(rng)
        form = normal_forms(made)
        tries = tries + 1 if form in known else 0
        if tries == _TRIES:
            raise SourceError(f"synthetic:{count}: there are not more than {len(known):,} different conversations.")
        if not tries:
            known.add(form)
            yield made


def _conversation(rng: random.Random) -> Conversation:
    drawn = rng.random()
    if drawn < 0.5:
        exchanges = [small_question(rng)]
    elif drawn < 0.7:
        text, asked = reading(rng)
        exchanges = [(f"{text}\n\n{asked[0][0]}", asked[0][1]), *asked[1 : 1 + int(rng.random() * 3)]]
    else:
        exchanges = [pick(rng, _GREETINGS)] if drawn < 0.85 else []
        exchanges += [small_question(rng) for _ in range(1 + int(rng.random() * 3))]
    if len(exchanges) > 1 and rng.random() < 0.3:
        exchanges.append(pick(rng, _THANKS))
    kept = dict(exchanges)  # nobody asks the same twice
    return tuple(
        message
        for question, answer in kept.items()
        for message in (Message("user", question), Message("assistant", answer))
    )
