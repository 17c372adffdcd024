"""Questions with answers: small facts of the world, arithmetic, and questions about a few sentences just read.

Left out: anything that changes with time or on which people differ.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import chain

from fidan.corpus.synthetic.facts import FACTS, OPPOSITES, SAYINGS, SERIES
from fidan.corpus.synthetic.lexicon import ADJECTIVES, CHILDREN, CITY_NAMES, NOUNS
from fidan.corpus.synthetic.nouns import Nominal, Noun
from fidan.corpus.synthetic.numerals import NUMERALS, clock, numeral, ordinal
from fidan.corpus.synthetic.phonology import attach
from fidan.corpus.synthetic.sentences import Scene, compile_template, pick, sentence_case
from fidan.turkish import capitalize

Pair = tuple[str, str]

_NOBODY: dict[str, Nominal] = {}


def _fixed(text: str) -> str:
    return sentence_case(compile_template(text)(Scene(_NOBODY, "pres", 3, random.Random(0))))


def _pairs(block: str) -> tuple[Pair, ...]:
    lines = (line.split(" = ") for line in block.strip().split("\n"))
    return tuple((_fixed(question), _fixed(answer)) for question, answer in lines)


_FACTS: tuple[tuple[Pair, ...], ...] = tuple(_pairs(block) for block in FACTS.values())
_ALL_FACTS: tuple[Pair, ...] = tuple(chain.from_iterable(_FACTS)) + _pairs(SAYINGS)


def _fact(rng: random.Random) -> Pair:
    return pick(rng, _ALL_FACTS)


def _opposite(rng: random.Random) -> Pair:
    left, right = pick(rng, _OPPOSITES)
    if rng.random() < 0.5:
        left, right = right, left
    if rng.random() < 0.5:
        return f'"{capitalize(left)}" kelimesinin zıt anlamlısı nedir?', f'"{capitalize(right)}" kelimesidir.'
    return f'"{capitalize(left)}" sözünün karşıtı nedir?', f'"{capitalize(right)}" sözüdür.'


_OPPOSITES = tuple((pair.split("-")[0], pair.split("-")[1]) for pair in OPPOSITES.split())
_SERIES = tuple((name, entries.split()) for name, entries in SERIES.items())


def _neighbour(rng: random.Random) -> Pair:
    kind, entries = pick(rng, _SERIES)
    index = int(rng.random() * len(entries))
    word, after = entries[index], entries[(index + 1) % len(entries)]
    if rng.random() < 0.5:
        return f"{capitalize(attach(word, 'DAn'))} sonra hangi {kind} gelir?", f"{capitalize(after)} gelir."
    return f"{capitalize(attach(after, 'DAn'))} önce hangi {kind} gelir?", f"{capitalize(word)} gelir."


_THINGS = NOUNS["fruit"] + NOUNS["thing"] + NOUNS["toy"]


def _sum(rng: random.Random) -> Pair:
    left, right = 1 + int(rng.random() * 12), 1 + int(rng.random() * 12)
    kind = rng.random()
    if kind < 0.4:
        result = numeral(left + right)
        return f"{capitalize(numeral(left).text)} artı {numeral(right).text} kaç eder?", _makes(result)
    if kind < 0.7:
        result = numeral(left)
        return f"{capitalize(numeral(left + right).text)} eksi {numeral(right).text} kaç eder?", _makes(result)
    result = numeral(left * right)
    return f"{capitalize(numeral(left).text)} çarpı {numeral(right).text} kaç eder?", _makes(result)


def _makes(result: Noun) -> str:
    return f"{capitalize(result.text)} eder."


def _counting(rng: random.Random) -> Pair:
    name, thing = pick(rng, CHILDREN), pick(rng, _THINGS).form("")
    left, right = 2 + int(rng.random() * 9), 1 + int(rng.random() * 9)
    owner, start = name.form("gen"), numeral(left).text
    if rng.random() < 0.5:
        question = f"{owner} {start} tane {pick_form(thing)} vardı. {numeral(right).text} tane daha aldı."
        return sentence_case(
            f"{question} Şimdi kaç tane oldu?"
        ), f"{capitalize(numeral(left + right).text)} tane oldu."
    right = min(right, left - 1)
    friend = pick(rng, CHILDREN).form("dat")
    question = f"{owner} {start} tane {pick_form(thing)} vardı. {numeral(right).text} tanesini {friend} verdi."
    return sentence_case(
        f"{question} Geriye kaç tane kaldı?"
    ), f"{capitalize(numeral(left - right).text)} tane kaldı."


_POSSESSED: dict[str, str] = {thing.text: thing.form("3") for thing in _THINGS if not thing.compound}


def pick_form(thing: str) -> str:
    """Return ``thing`` possessed by its owner: elma → elması. Compounds already are."""
    return _POSSESSED.get(thing, thing)


def _order(rng: random.Random) -> Pair:
    index = int(rng.random() * 7)
    kind, entries = pick(rng, _SERIES[:2])
    index %= len(entries)
    where = {"gün": "Haftanın", "ay": "Yılın"}[kind]
    return f"{where} {ordinal(index + 1)} {attach(kind, 'I')} hangisidir?", f"{_named(entries[index], kind)}."


def _named(entry: str, kind: str) -> str:
    return capitalize(attach(f"{entry}", "DIr"))


def _time(rng: random.Random) -> Pair:
    hour, minute = 1 + int(rng.random() * 12), 5 * int(rng.random() * 12)
    shown = f"{hour}.{minute:02d}"
    return f'Saat "{shown}" nasıl okunur?', f"{capitalize(clock(hour, minute))}."


def _dialogue(rng: random.Random) -> Pair:
    name, city = pick(rng, CHILDREN), pick(rng, CITY_NAMES)
    kind = rng.random()
    if kind < 0.25:
        return f"Merhaba, ben {name.text}. Nasılsın?", f"Merhaba {name.text}, iyiyim, teşekkür ederim."
    if kind < 0.5:
        food = pick(rng, NOUNS["sweet"] + NOUNS["fruit"]).form("acc")
        return f"{capitalize(food)} sever misin?", f"Evet, {food} çok severim."
    if kind < 0.75:
        return f"{city.form('dat')} hiç gittin mi?", f"Hayır, {city.form('dat')} henüz gitmedim."
    colour = pick(rng, ADJECTIVES["colour"]).text
    return f"{capitalize(colour)} rengi sever misin?", f"Evet, en sevdiğim renk {attach(colour, 'DIr')}."


_KINDS: tuple[Callable[[random.Random], Pair], ...] = (
    _fact, _fact, _fact, _fact, _opposite, _neighbour, _sum, _sum, _counting, _order, _time, _dialogue,
)  # fmt: skip


def _format(pairs: list[Pair]) -> str:
    return "\n".join(f"Soru: {question}\nCevap: {answer}" for question, answer in pairs)


def small_question(rng: random.Random) -> Pair:
    """A question that needs no text, and its answer."""
    return pick(rng, _KINDS)(rng)


def questions(rng: random.Random) -> str:
    """Write one document of questions: about a short text, or three to seven small ones."""
    if rng.random() < 0.5:
        return comprehension(rng)
    pairs: dict[str, str] = {}
    for _ in range(3 + int(rng.random() * 5)):
        question, answer = small_question(rng)
        pairs.setdefault(question, answer)
    return _format(list(pairs.items()))


# Each event: the sentence, then question = answer pairs that it settles.
_EVENTS = (
    """{s} {when} {p.dat} [git:past].
    {s} {when} nereye [git:past]? = {s} {p.dat} [git:past].
    {p.dat} kim [git:past]? = {p.dat} {s} [git:past].
    {s} {p.dat} ne zaman [git:past]? = {s} {p.dat} {when} [git:past].""",
    """{s} {m.abl} {n} tane {x} [al:past].
    {s} {m.abl} ne [al:past]? = {s} {n} tane {x} [al:past].
    {s} kaç tane {x} [al:past]? = {s} {n} tane {x} [al:past].
    {x.acc} kim [al:past]? = {x.acc} {s} [al:past].
    {s} {x.acc} nereden [al:past]? = {s} {x.acc} {m.abl} [al:past].""",
    """{s} {p.loc} {c} bir {o} [bul:past].
    {s} nerede bir {o} [bul:past]? = {s} {p.loc} bir {o} [bul:past].
    {s} ne renk bir {o} [bul:past]? = {s} {c} bir {o} [bul:past].
    {s} {p.loc} ne [bul:past]? = {s} {p.loc} {c} bir {o} [bul:past].""",
    """{s} {o.acc} {r.dat} [ver:past].
    {s} {o.acc} kime [ver:past]? = {s} {o.acc} {r.dat} [ver:past].
    {r.dat} {o.acc} kim [ver:past]? = {r.dat} {o.acc} {s} [ver:past].""",
    """{s} ile {r} {when} {p.loc} [oyna:past@6].
    {s} kiminle [oyna:past]? = {s} {r.ins} [oyna:past].
    {s} ile {r} nerede [oyna:past@6]? = {s} ile {r} {p.loc} [oyna:past@6].""",
    """{s} {when} {d} [iç:past] ve {y} [ye:past].
    {s} ne [iç:past]? = {s} {d} [iç:past].
    {s} ne [ye:past]? = {s} {y} [ye:past].
    {s} {when} ne [yap:past]? = {s} {when} {d} [iç:past] ve {y} [ye:past].""",
    """{s} {city.dat} {v.ins} [git:past].
    {s} {city.dat} neyle [git:past]? = {s} {city.dat} {v.ins} [git:past].
    {s} {v.ins} nereye [git:past]? = {s} {v.ins} {city.dat} [git:past].""",
    """{s} {w.loc} bir {a} [gör:past].
    {s} {w.loc} ne [gör:past]? = {s} {w.loc} bir {a} [gör:past].
    {a.acc} kim [gör:past]? = {a.acc} {s} [gör:past].
    {s} {a.acc} nerede [gör:past]? = {s} {a.acc} {w.loc} [gör:past].""",
    """{s} çok <yorgun>, çünkü bütün gün [çalış:perf].
    {s} neden <yorgun>? = Çünkü {s} bütün gün [çalış:perf].
    {s} bütün gün ne [yap:past]? = {s} bütün gün [çalış:past].""",
    """{s} {n} yaşında ve {city.loc} [yaşa:prog].
    {s} kaç yaşında? = {s} {n} yaşında.
    {s} nerede [yaşa:prog]? = {s} {city.loc} [yaşa:prog].
    {city.loc} kim [yaşa:prog]? = {city.loc} {s} [yaşa:prog].""",
    """{s} saat {z.loc} [uyan:past] ve okula [git:past].
    {s} saat kaçta [uyan:past]? = {s} saat {z.loc} [uyan:past].
    {s} nereye [git:past]? = {s} okula [git:past].""",
    """{s} {e.dat} bir mektup [yaz:past].
    {s} kime mektup [yaz:past]? = {s} {e.dat} mektup [yaz:past].
    {s} {e.dat} ne [yaz:past]? = {s} {e.dat} bir mektup [yaz:past].""",
)
_WHEN = "dün|bu sabah|dün akşam|pazar günü|cumartesi günü|geçen hafta|öğleden sonra|okuldan sonra|sabah erkenden"


def _event(block: str) -> tuple[str, tuple[Pair, ...]]:
    head, *rest = (line.strip() for line in block.split("\n"))
    return head, tuple((line.split(" = ")[0], line.split(" = ")[1]) for line in rest)


_COMPILED = tuple(
    (compile_template(head), tuple((compile_template(q), compile_template(a)) for q, a in pairs))
    for head, pairs in map(_event, _EVENTS)
)
_TIMES = tuple(Noun(entry) for entry in _WHEN.split("|"))
_EVENT_SLOTS: dict[str, tuple[Nominal, ...]] = {
    "when": _TIMES,
    "p": NOUNS["town_place"] + NOUNS["play_place"],
    "m": tuple(noun for noun in NOUNS["town_place"] if noun.text in {"pazar", "çarşı", "bakkal"}),
    "n": NUMERALS[2:13],
    "x": NOUNS["fruit"] + NOUNS["thing"][:3],
    "c": ADJECTIVES["colour"],
    "o": NOUNS["toy"] + NOUNS["thing"],
    "r": CHILDREN,
    "d": NOUNS["drink"],
    "y": NOUNS["dish"] + NOUNS["sweet"],
    "city": CITY_NAMES,
    "v": tuple(noun for noun in NOUNS["vehicle"] if noun.text in {"otobüs", "tren", "araba", "uçak"}),
    "w": NOUNS["wild_home"],
    "a": NOUNS["wild"] + NOUNS["farm"],
    "z": NUMERALS[5:12],
    "e": CHILDREN,
}


def comprehension(rng: random.Random) -> str:
    """Write two or three plain sentences, and questions about them."""
    text, pairs = reading(rng)
    return f"{text}\n{_format(pairs)}"


def reading(rng: random.Random) -> tuple[str, list[Pair]]:
    """Two or three plain sentences, and two to six questions about them with their answers."""
    names = sorted({int(rng.random() * len(CHILDREN)) for _ in range(4)}, key=lambda index: rng.random())
    chosen: list[str] = []
    pairs: list[Pair] = []
    events = sorted(range(len(_COMPILED)), key=lambda index: rng.random())
    for number, event in enumerate(events[: 2 + int(rng.random() * 2)]):
        head, asked = _COMPILED[event]
        words = {slot: pick(rng, options) for slot, options in _EVENT_SLOTS.items()}
        words["s"] = CHILDREN[names[number % len(names)]]
        while words["r"] is words["s"]:
            words["r"] = pick(rng, CHILDREN)
        scene = Scene(words, "past", 3, rng)
        chosen.append(sentence_case(head(scene)))
        options = sorted(range(len(asked)), key=lambda index: rng.random())
        for index in options[: 1 + int(rng.random() * 2)]:
            question, answer = asked[index]
            pairs.append((sentence_case(question(scene)), sentence_case(answer(scene))))
    pairs.sort(key=lambda pair: rng.random())
    return " ".join(chosen), pairs
