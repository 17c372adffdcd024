"""Web-like pages: a title, paragraphs, sometimes a list. City guides, animals, recipes, advice, announcements.

Left out: markup and boilerplate, which ``noise`` adds on purpose.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping

from fidan.corpus.synthetic import page_data as data
from fidan.corpus.synthetic.lexicon import CHILDREN, CITY_NAMES, MONTH_NOUNS, NOUNS
from fidan.corpus.synthetic.nouns import Name, Nominal, Noun, noun, particle
from fidan.corpus.synthetic.numerals import NUMERALS, digits, numeral
from fidan.corpus.synthetic.sentences import pick, sentence_case
from fidan.corpus.synthetic.verbs import copula
from fidan.turkish import capitalize

_SLOT = re.compile(r"\{(\w+)((?:\.\w+)*)\}")
_DAYS = "pazartesi salı çarşamba perşembe cuma cumartesi pazar".split()
_WHEN = {"ilkbahar": "ilkbaharda", "yaz": "yazın", "sonbahar": "sonbaharda", "kış": "kışın"}


def _sight(text: str) -> Name:
    bare = text.rstrip("+").replace("_", " ")
    return Name(bare, compound=text.endswith("+"))


def _city_facts() -> dict[str, tuple[str, Noun, Name, str]]:
    facts = {}
    for city, line in data.CITY_FACTS.items():
        region, known, sight, sentence = (part.strip() for part in line.split("|"))
        facts[city] = (region, noun(known), _sight(sight), sentence)
    return facts


def _animal_facts() -> tuple[tuple[Noun, Noun, Noun, tuple[str, ...]], ...]:
    facts = []
    for animal, line in data.ANIMAL_FACTS.items():
        home, food, sentences = (part.strip() for part in line.split("|"))
        facts.append((noun(animal), noun(home), noun(food), tuple(re.findall(r"[^.]+\.", sentences))))
    return tuple(facts)


_CITIES = _city_facts()
_CITY_ORDER = tuple(city for city in CITY_NAMES if city.text in _CITIES)
_ANIMALS = _animal_facts()
_RECIPES = tuple(
    (dish, line.split("|")[0].strip().split("; "), re.findall(r"[^.]+\.", line.split("|")[1]))
    for dish, line in data.RECIPES.items()
)
_ADVICE = tuple((title, re.findall(r"[^.]+\.", text)) for title, text in data.ADVICE.items())
_EVENTS = tuple((title, noun(line.split("|")[0].strip()), line.split("|")[1].strip().split("; "))
                for title, line in data.EVENTS.items())  # fmt: skip


def _render(template: str, words: Mapping[str, Nominal | str]) -> str:
    def fill(match: re.Match[str]) -> str:
        word, mods = words[match[1]], match[2].strip(".").split(".") if match[2] else []
        if isinstance(word, str):
            return word
        capital = "cap" in mods
        if "dir" in mods:
            text = copula(word.form(""), "dir")
        elif "da" in mods:
            text = f"{word.form('')} {particle(word.form(''), 'DA')}"
        elif "when" in mods:
            text = _WHEN[word.form("")]
        else:
            text = word.form(".".join(mod for mod in mods if mod != "cap"))
        return capitalize(text) if capital else text

    return sentence_case(_SLOT.sub(fill, template))


def _choose(rng: random.Random, line: str) -> str:
    return pick(rng, line.split(" / "))


def _paragraphs(rng: random.Random, sentences: list[str]) -> list[str]:
    """Cut ``sentences`` into one to three paragraphs."""
    cut = 1 + int(rng.random() * (len(sentences) - 1)) if len(sentences) > 2 else len(sentences)
    parts = [sentences[:cut], sentences[cut:]]
    return [" ".join(part) for part in parts if part]


def _date(rng: random.Random) -> str:
    day, month = 1 + int(rng.random() * 28), pick(rng, MONTH_NOUNS).text
    return f"{day} {capitalize(month)} {capitalize(pick(rng, _DAYS))}"


def _city_page(rng: random.Random) -> list[str]:
    city = pick(rng, _CITY_ORDER)
    region, known, sight, sentence = _CITIES[city.text]
    words: dict[str, Nominal | str] = {
        "city": city, "region": region, "known": known, "sight": sight, "fact": sentence, "name": pick(rng, CHILDREN),
        "season": pick(rng, NOUNS["season"]), "days": pick(rng, NUMERALS[3:9]), "museums": pick(rng, NUMERALS[2:6]),
        "fruit": pick(rng, NOUNS["fruit"]),
    }  # fmt: skip
    lines = [_render(_choose(rng, line), words) for line in data.CITY_LINES[:4]]
    rest = [_render(_choose(rng, line), words) for line in data.CITY_LINES[4:]]
    for index in range(len(rest) - 1, 0, -1):
        other = int(rng.random() * (index + 1))
        rest[index], rest[other] = rest[other], rest[index]
    place = city.form("loc")
    title = pick(
        rng, (f"{city.text} Gezi Rehberi", f"{place} Bir Gün", f"{city.text} Hakkında", f"{place} Ne Yapılır?")
    )
    return [title, *_paragraphs(rng, lines), " ".join(rest[: 2 + int(rng.random() * 3)])]


def _animal_page(rng: random.Random) -> list[str]:
    animal, home, food, sentences = pick(rng, _ANIMALS)
    chosen = sorted(sentences, key=lambda sentence: rng.random())[: 2 + int(rng.random() * 2)]
    words: dict[str, Nominal | str] = {
        "animal": animal, "home": home, "food": food, "facts": " ".join(s.strip() for s in chosen),
        "name": pick(rng, CHILDREN), "years": pick(rng, NUMERALS[2:20]),
    }  # fmt: skip
    lines = [_render(_choose(rng, line), words) for line in data.ANIMAL_LINES]
    head, middle, tail = lines[:2], lines[2], lines[3:]
    plural = capitalize(animal.form("pl"))
    title = pick(rng, (f"{plural} Hakkında", f"{plural}", f"{capitalize(animal.form('pl.acc'))} Tanıyalım"))
    if rng.random() < 0.4:
        return [title, " ".join(head), "Biliyor muydunuz?", *(f"- {s.strip()}" for s in chosen), " ".join(tail)]
    return [title, " ".join([*head, middle]), " ".join(tail)]


def _recipe_page(rng: random.Random) -> list[str]:
    dish, ingredients, steps = pick(rng, _RECIPES)
    words: dict[str, Nominal | str] = {
        "d": dish, "D": capitalize(dish), "name": pick(rng, CHILDREN), "count": pick(rng, NUMERALS[2:9]),
    }  # fmt: skip
    numbered = rng.random() < 0.5
    ordered = [step.strip() for step in steps]
    method = [f"{index}) {step}" for index, step in enumerate(ordered, 1)] if numbered else [" ".join(ordered)]
    intros = sorted(data.RECIPE_INTROS.split(" / "), key=lambda line: rng.random())[: 1 + int(rng.random() * 3)]
    title = " ".join(capitalize(word) for word in dish.split())
    return [
        f"{title} {pick(rng, ('Tarifi', 'Nasıl Yapılır?'))}",
        " ".join(_render(intro, words) for intro in intros),
        "Malzemeler:", *(f"- {item}" for item in ingredients),
        "Yapılışı:", *method,
        " ".join(sorted(data.RECIPE_ENDS.split(" / "), key=lambda line: rng.random())[: 1 + int(rng.random() * 2)]),
    ]  # fmt: skip


def _advice_page(rng: random.Random) -> list[str]:
    title, items = pick(rng, _ADVICE)
    chosen = sorted((item.strip() for item in items), key=lambda item: rng.random())[: 4 + int(rng.random() * 4)]
    words: dict[str, Nominal | str] = {"name": pick(rng, CHILDREN), "count": numeral(len(chosen))}
    intro = _render(_choose(rng, data.ADVICE_INTROS), words)
    end = _render(_choose(rng, data.ADVICE_ENDS), words)
    body = [f"- {item}" for item in chosen] if rng.random() < 0.6 else [" ".join(chosen)]
    return [title, intro, *body, end]


def _event_page(rng: random.Random) -> list[str]:
    title, place, program = pick(rng, _EVENTS)
    city = pick(rng, CITY_NAMES)
    words: dict[str, Nominal | str] = {
        "city": city, "place": place, "date": _date(rng), "date2": _date(rng),
        "hour": digits(9 + int(rng.random() * 10)), "crowd": numeral(50 * (1 + int(rng.random() * 40))),
        "name": pick(rng, CHILDREN),
    }  # fmt: skip
    lines = [_render(_choose(rng, line), words) for line in data.EVENT_LINES]
    # A programme keeps its order; only items fall out of it.
    chosen = [item for item in program if rng.random() < 0.8] or program
    end = _render(_choose(rng, data.EVENT_ENDS), words)
    return [f"{city.text} {title}", *_paragraphs(rng, lines), "Program:", *(f"- {item}" for item in chosen), end]


_KINDS: tuple[Callable[[random.Random], list[str]], ...] = (
    _city_page, _city_page, _animal_page, _recipe_page, _advice_page, _event_page, _event_page,
)  # fmt: skip


def page(rng: random.Random) -> str:
    """Write one page; its first line is the title."""
    return "\n".join(pick(rng, _KINDS)(rng))
