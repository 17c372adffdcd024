"""Stories: a cast, a plot, a tense, an opening and an ending.

A story first chooses who it is about and in which tense it is told, then walks the steps of one plot. Left out: what
happens (``plots``) and how a sentence is made (``sentences``).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from fidan.corpus.synthetic.lexicon import ADJECTIVES, CHILDREN, CITY_NAMES, NOUNS, PETS
from fidan.corpus.synthetic.nouns import Name, Nominal, Noun, Pronoun, Word
from fidan.corpus.synthetic.numerals import NUMERALS
from fidan.corpus.synthetic.plots import animals, childhood, home, outdoors
from fidan.corpus.synthetic.plots.frames import ENDINGS, OPENINGS, TIMES, TITLES
from fidan.corpus.synthetic.sentences import Choices, Scene, pick, sentence_case

# How often each kind of hero tells or is told in each tense.
_REGISTERS = {
    "child": ("past",) * 6 + ("mis",) * 2 + ("pres",) * 3,
    "me": ("past",) * 3 + ("pres",),
    "animal": ("mis",) * 6 + ("past",) * 3 + ("pres",),
}
_TITLED = 0.15


@dataclass(frozen=True, slots=True)
class Plot:
    """A parsed plot block."""

    name: str
    casts: tuple[str, ...]
    animals: tuple[Noun, ...]
    sources: tuple[tuple[str, tuple[Nominal, ...]], ...]
    steps: tuple[Choices, ...]


def source(text: str) -> tuple[Nominal, ...]:
    """Return the words a slot may take: a noun group, ``=adjectives``, ``#2-9`` or ``pet_name``."""
    if text.startswith("="):
        return ADJECTIVES[text[1:]]
    if text.startswith("#"):
        low, high = map(int, text[1:].split("-"))
        return NUMERALS[low : high + 1]
    return PETS if text == "pet_name" else NOUNS[text]


def _parse(text: str) -> Iterator[Plot]:
    for block in text.strip().split("\n\n"):
        header, *lines = block.split("\n")
        name, casts, *slots = (field.strip() for field in header.split("|"))
        group = "hero_animal"
        kinds = []
        for cast in casts.split():
            kind, _, own = cast.partition("=")
            kinds.append(kind)
            group = own or group
        sources = tuple((slot.split(":")[0], source(slot.split(":")[1])) for field in slots for slot in field.split())
        steps = "\n".join(lines).replace("\n  / ", " / ").split("\n")
        yield Plot(name, tuple(kinds), NOUNS[group], sources, tuple(Choices(line) for line in steps))


PLOTS = tuple(plot for room in (childhood, home, outdoors, animals) for plot in _parse(room.PLOTS))
_SEATS = tuple((plot, cast) for plot in PLOTS for cast in plot.casts if cast != "me")
_FIRST_PERSON = tuple(plot for plot in PLOTS if "me" in plot.casts)
_FAMILY = NOUNS["family"]
_AGES = NUMERALS[6:13]
_OLD_NAMES = tuple(
    Name(f"{name} {title}")
    for name, title in zip(
        "Hatice Fatma Emine Zehra Nazlı Hasan Osman Kemal Ahmet Recep Süleyman Ayten".split(),
        "Teyze Nine Teyze Hanım Teyze Amca Amca Bey Dede Usta Amca Hanım".split(),
        strict=True,
    )
)
# "Once upon a time" does not go with the present tense.
_LONG_AGO = ("Bir zamanlar", "Çok eski", "Bir varmış")


def _openings(line: str, register: str) -> Choices:
    fitting = [text for text in line.split(" / ") if register != "pres" or not text.startswith(_LONG_AGO)]
    return Choices(" / ".join(fitting))


_OPENINGS = {
    (cast, register): _openings(line, register)
    for cast, line in OPENINGS.items()
    for register in ("past", "mis", "pres")
}
_ENDINGS = {cast: Choices(line) for cast, line in ENDINGS.items()}
_TIMES = {register: tuple(Word(entry) for entry in line.split(" / ")) for register, line in TIMES.items()}
_TITLES = {cast: Choices(line) for cast, line in TITLES.items()}
_COMPANY = {1: Pronoun(4), 3: Pronoun(6)}


def _others(rng: random.Random, taken: set[str], options: tuple[Nominal, ...]) -> Nominal:
    chosen = pick(rng, options)
    for _ in range(8):
        if chosen.form("") not in taken:
            break
        chosen = pick(rng, options)
    taken.add(chosen.form(""))
    return chosen


def scene_for(plot: Plot, cast: str, rng: random.Random) -> Scene:
    """Choose the words of one telling of ``plot``."""
    register = pick(rng, _REGISTERS[cast])
    taken: set[str] = set()
    words: dict[str, Nominal] = {}
    person = 1 if cast == "me" else 3
    if cast == "animal":
        words["h"] = hero = _others(rng, taken, plot.animals)
    else:
        hero = _others(rng, taken, CHILDREN)
        words["h"] = Pronoun(1) if cast == "me" else hero
    for name, options in plot.sources:
        words[name] = _others(rng, taken, options)
    words["f"] = _others(rng, taken, CHILDREN)
    words["g"] = pick(rng, _FAMILY)
    words["hp"] = _COMPANY[person]
    words["T"] = pick(rng, _TIMES[register])
    words["city"] = pick(rng, CITY_NAMES)
    words["oldname"] = pick(rng, _OLD_NAMES)
    words["v"] = hero if cast == "child" else Word(pick(rng, ("canım", "tatlım")))
    words["hero"] = words["h"]
    words["name"] = hero
    words["trait"] = pick(rng, ADJECTIVES["animal" if cast == "animal" else "child"])
    words["age"] = pick(rng, _AGES)
    words["home"] = pick(rng, NOUNS["home"])
    words["nature"] = pick(rng, NOUNS["wild_home"])
    words["colour"] = pick(rng, ADJECTIVES["colour"])
    return Scene(words, register, person, rng)


def story(rng: random.Random) -> str:
    """Write one story; its paragraphs are lines."""
    if rng.random() < 0.2:
        plot, cast = pick(rng, _FIRST_PERSON), "me"
    else:
        plot, cast = pick(rng, _SEATS)
    scene = scene_for(plot, cast, rng)
    opening = _OPENINGS[cast, scene.register].render(scene) if rng.random() < 0.75 else ""
    sentences = [step.render(scene) for step in plot.steps]
    if rng.random() < 0.3:
        sentences.append(_ENDINGS[cast].render(scene))
    # A break after the beginning and one before the end; short stories stay in one paragraph.
    first, last = 2 + int(rng.random() * 3), len(sentences) - 2 - int(rng.random() * 3)
    blocks = [sentences[:first], sentences[first:last], sentences[last:]] if rng.random() < 0.7 else [sentences]
    blocks[0] = [opening, *blocks[0]]
    lines = [" ".join(filter(None, block)) for block in blocks]
    if rng.random() < _TITLED:
        lines.insert(0, _TITLES[cast].render(scene))
    return "\n".join(filter(None, lines))


__all__ = ["PLOTS", "Plot", "scene_for", "sentence_case", "source", "story"]
