"""The template language: a sentence with slots becomes Turkish for one scene.

``{o*.acc}``   the noun in slot ``o``, possessed by the hero, accusative (topunu, or topumu when the hero is *I*)
``{h?}``       the hero as subject, sometimes dropped, as Turkish drops pronouns
``[git*]``     a verb in the tense of the story, in the person of the hero; ``+`` means the hero and company
``[git:bg]``   background (gidiyordu); also ``perf``, ``neg``, ``q``, ``can``, a tense name, ``@1`` … ``@6``
``[gel:dik*.acc]``  a form that is not finite, with possessor and case (geldiğini)
``<mutlu*>``   *to be* in the tense of the story (mutluydu, mutluymuşum); ``<kız:dir>`` is the plain -dır

One template thus serves three tenses and two persons. Left out: choosing words that make sense; see ``stories``.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TypeVar

from fidan.corpus.synthetic.lexicon import FRONT_NAMES, find_noun, find_verb
from fidan.corpus.synthetic.nouns import Nominal, particle
from fidan.corpus.synthetic.verbs import TENSES, able, copula, finite, nonfinite
from fidan.turkish import capitalize, upper

_SHORT_NOUNS = frozenset(("el", "ev", "iç", "ön"))


@dataclass(slots=True)
class Scene:
    """What a template is filled from: words by slot, the tense of the story, the person of its hero."""

    words: Mapping[str, Nominal]
    register: str  # "past", "mis" (heard: tales) or "pres"
    hero: int  # 1 or 3
    rng: random.Random
    continued: bool = False  # whether the sentence before was about the hero too


Part = Callable[[Scene], str]
T = TypeVar("T")

# Slots with long names; any other long name in braces is a noun of the lexicon ({ayak*.acc}).
_NAMED_SLOTS = frozenset("when hero city name trait age home nature colour oldname".split())

# What narration, background and the past before it sound like in each register.
_REGISTERS = {
    "past": {"nar": "past", "bg": "progpast", "perf": "mispast", "hab": "aorpast", "next": "futpast"},
    "mis": {"nar": "mis", "bg": "progmis", "perf": "mis", "hab": "aormis", "next": "fut"},
    "pres": {"nar": "prog", "bg": "prog", "perf": "mis", "hab": "aor", "next": "fut"},
}
# How often a hero is named: by (person, whether the sentence before was about the hero). Turkish drops what is known.
_KEPT = {(1, False): 0.3, (1, True): 0.15, (3, False): 1.0, (3, True): 0.5}
_KEPT_OPTIONAL = {(1, False): 0.2, (1, True): 0.1, (3, False): 0.85, (3, True): 0.3}
_KEPT_GENITIVE = {(1, False): 0.4, (1, True): 0.3, (3, False): 1.0, (3, True): 0.5}
_NARRATIVE = frozenset(_REGISTERS["past"])
_SHAPES = frozenset("ip ince erek en dik ecek me mek ken yorken meden dikce".split())
_SLOT = re.compile(r"(\{[^}]*\}|\[[^\]]*\]|<[^>]*>)")
_NOUN = re.compile(r"\{(\w+)([*+])?((?:\.\w+)*)(\?)?\}")
_VERB = re.compile(r"\[([^\]:*+.@]+)(?::([a-z,]+))?([*+]|@[1-6])?(?:\.(\w+))?\]")
_COPULA = re.compile(r"<(.+?)(?::(dir|cond|neg|q))?([*+])?>")
_BARE_HERO = re.compile(r"(?<!ile )\{h\} (?!ile |ise |de |ve |adında|için|gibi)")
_OWNING_HERO = re.compile(r"\{h\.gen\} (?=\{\w+\*)")
_TRAILING_HERO = re.compile(r"(?<=\*\]) \{h\}")
_ABOUT_HERO = re.compile(r"(?<!ile )\{h\??\}(?! ile| adında)|\*\]|\*>")
_START = re.compile(r'(^"?|[.!?…] "?|[.…]" |(?<=[,:] )")([a-zçğıöşüâî])')


def _person(mark: str | None, hero: int) -> int:
    if not mark:
        return 3
    if mark == "*":
        return hero
    if mark == "+":
        return hero + 3
    return int(mark[1])


@cache
def _finite(stem: str, tense: str, person: int, negative: bool, question: bool, ability: bool) -> str:
    base = find_verb(stem)
    return finite(able(base) if ability else base, tense, person, negative=negative, question=question)


@cache
def _nonfinite(stem: str, shape: str, person: int, case: str, negative: bool, ability: bool) -> str:
    base = find_verb(stem)
    return nonfinite(able(base) if ability else base, shape, person, case, negative=negative)


@lru_cache(maxsize=200_000)
def _copula(predicate: str, tense: str, person: int) -> str:
    name = predicate.rsplit(" ", 1)[-1]
    text = copula(predicate, tense, person, front=name in FRONT_NAMES)
    if name[0].isupper() and "'" not in name and text != predicate:
        return f"{predicate}'{text[len(predicate) :]}"
    return text


def _key(parts: Sequence[str], mark: str | None, hero: int) -> str:
    plural = ["pl"] if "pl" in parts else []
    person = [str(_person(mark, hero))] if mark else []
    return ".".join([*plural, *person, *(part for part in parts if part != "pl")])


def _fixed_noun(word: Nominal, mark: str | None, parts: Sequence[str]) -> Part:
    forms = {hero: word.form(_key(parts, mark, hero)) for hero in (1, 3)}
    return lambda scene: forms[scene.hero]


def _teller(scene: Scene) -> str:
    # "dedi Ali", but only "dedim".
    return "" if scene.hero == 1 else " " + scene.words["h"].form("")


def _noun_part(text: str) -> Part:
    if text == "{teller}":
        return _teller
    match = _NOUN.fullmatch(text)
    if match is None:
        raise ValueError(f"cannot read the slot {text!r}")
    name, mark, rest, optional = match.groups()
    if name in _SHORT_NOUNS or (len(name) > 2 and name not in _NAMED_SLOTS):
        return _fixed_noun(find_noun(name), mark, [part for part in rest.split(".") if part])
    parts = [part for part in rest.split(".") if part]
    clitic = {"da": "DA", "mi": "mI"}.get(parts[-1]) if parts else None
    if clitic:
        parts.pop()
    if optional:
        case = parts[0] if parts else ""

        def subject(scene: Scene) -> str:
            chances = _KEPT_GENITIVE if case else _KEPT_OPTIONAL if name == "h" else _KEPT
            kept = scene.rng.random() < chances[scene.hero, scene.continued]
            return scene.words[name].form(case) + " " if kept else ""

        return subject
    keys = {hero: _key(parts, mark, hero) for hero in (1, 3)}
    if clitic:
        shape = clitic

        def with_clitic(scene: Scene) -> str:
            word = scene.words[name].form(keys[scene.hero])
            return f"{word} {particle(word, shape)}"

        return with_clitic
    if keys[1] == keys[3]:
        key = keys[1]
        return lambda scene: scene.words[name].form(key)
    return lambda scene: scene.words[name].form(keys[scene.hero])


def _verb_part(text: str) -> Part:
    match = _VERB.fullmatch(text)
    if match is None:
        raise ValueError(f"cannot read the verb {text!r}")
    stem, specs, mark, case = match.groups()
    find_verb(stem)
    wanted = specs.split(",") if specs else []
    negative, question, ability = "neg" in wanted, "q" in wanted, "can" in wanted
    kinds = [word for word in wanted if word not in ("neg", "q", "can")] or ["nar"]
    kind = kinds[0]
    if kind in _SHAPES:
        made = {
            hero: _nonfinite(stem, kind, _person(mark, hero) if mark else 0, case or "nom", negative, ability)
            for hero in (1, 3)
        }
        return lambda scene: made[scene.hero]
    if kind not in _NARRATIVE and kind not in TENSES:
        raise ValueError(f"unknown tense {kind!r} in {text!r}")
    forms = {
        (register, hero): _finite(
            stem, _REGISTERS[register].get(kind, kind), _person(mark, hero), negative, question, ability
        )
        for register in _REGISTERS
        for hero in (1, 3)
    }
    return lambda scene: forms[scene.register, scene.hero]


def _copula_part(text: str) -> Part:
    match = _COPULA.fullmatch(text)
    if match is None:
        raise ValueError(f"cannot read the predicate {text!r}")
    inner_text, kind, mark = match.groups()
    inner = compile_template(inner_text)
    persons = {hero: _person(mark, hero) for hero in (1, 3)}

    def render(scene: Scene) -> str:
        predicate = inner(scene)
        tense = kind if kind in ("dir", "cond") else scene.register
        return _copula(predicate, tense, persons[scene.hero])

    return render


@cache
def compile_template(text: str) -> Part:
    """Turn a template into a function from a scene to its text; mistakes in the template raise here."""
    # A hero who is subject, or owner of what follows, may be left out once known.
    text = _BARE_HERO.sub("{hero?} ", text)
    text = _TRAILING_HERO.sub("{teller}", text)
    text = _OWNING_HERO.sub("{h.gen?} ", text)
    parts: list[str | Part] = []
    skip_space = False
    for piece in _SLOT.split(text):
        if not piece:
            continue
        if piece[0] == "{":
            parts.append(_noun_part(piece))
            skip_space = piece.endswith("?}")
        elif piece[0] == "[":
            parts.append(_verb_part(piece))
        elif piece[0] == "<":
            parts.append(_copula_part(piece))
        else:
            # An optional subject brings its own space.
            parts.append(piece[1:] if skip_space and piece[0] == " " else piece)
            skip_space = False
    if all(isinstance(part, str) for part in parts):
        fixed = "".join(part for part in parts if isinstance(part, str))
        return lambda scene: fixed
    ready = tuple(parts)

    def render(scene: Scene) -> str:
        return "".join([part if isinstance(part, str) else part(scene) for part in ready])

    return render


def sentence_case(text: str) -> str:
    """Capitalise the first letter of every sentence and of every quotation in ``text``."""
    return capitalize(_START.sub(lambda match: match[1] + upper(match[2]), text))


class Choices:
    """Alternative templates for the same step; ``?`` before them makes the step optional."""

    __slots__ = ("_optional", "_parts")

    def __init__(self, line: str) -> None:
        """Read one step: alternatives separated by `` / ``, after a dash or a question mark."""
        self._optional = line.startswith("?")
        alternatives = line.lstrip("?- ").split(" / ")
        self._parts = tuple(
            (compile_template(text.strip()), _ABOUT_HERO.search(text) is not None) for text in alternatives
        )

    def render(self, scene: Scene) -> str:
        """Return one alternative filled from ``scene``, or nothing when the step is skipped."""
        rng = scene.rng
        if self._optional and rng.random() < 0.4:
            return ""
        part, about_hero = pick(rng, self._parts)
        text = sentence_case(part(scene))
        scene.continued = about_hero
        return text


def pick(rng: random.Random, options: Sequence[T]) -> T:
    """Choose one of ``options``; the same on every Python version, unlike ``random.choice``."""
    return options[int(rng.random() * len(options))]
