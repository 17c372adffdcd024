"""Tells whether a sentence is grammatical in the sense of the small language: a judge for what a model wrote.

It never sees how the text was made. ``recognizer`` reads the words, ``word_order`` looks at each word among its
neighbours; here stand the facts about whole sentences: a capital at the start, a mark at the end, a predicate in its
place, a verb in the person of its subject.

Left out: meaning. "Masa denizi içti." passes.
"""

from __future__ import annotations

import re

from fidan.corpus.synthetic import lexicon_data as lexicon
from fidan.corpus.synthetic.clauses import FINITE, NOMINAL, QUOTE, Token, closes_clause, tokenize
from fidan.corpus.synthetic.word_order import RULES, SPOKEN_RULES
from fidan.turkish import split_sentences

_PREFIX = re.compile(r"(?:Soru:|Cevap:|-|\d+\))\s+")
_QUOTED = re.compile(r'"([^"]*)"')
_TITLE = re.compile(r"(?:[A-ZÇĞİÖŞÜ][^\s.!]*\s?)+\??")
_END = re.compile(r"""[.!?…]["')]?$""")
_PART = re.compile(r"(?<=[.!?…])\s+|(?<=:)\s+(?=\w)")

_NEVER_LAST = frozenset("bir her hiçbir birkaç bütün hangi çok en daha pek hiç ve ama fakat çünkü için ile".split())
_PAST_ENDINGS = ("dı", "di", "du", "dü", "tı", "ti", "tu", "tü", "mış", "miş", "muş", "müş")
_FINAL_ADVERBS = frozenset(
    "nasılsın nerede nasıl neden niçin böyle öyle şöyle burada orada şurada ileride birlikte".split()
)
_NEVER_FIRST = frozenset("ve ki diye ise de da ile için gibi kadar mı mi mu mü".split())
_ANIMATE_GROUPS = "wild hero_animal farm pet family job strong_animal fast_animal small_animal".split()
_ANIMATE = frozenset(
    word.rstrip("~") for group in _ANIMATE_GROUPS for word in re.split(r"[ _]", lexicon.NOUN_GROUPS[group])
)
_FAMILY = frozenset(lexicon.NOUN_GROUPS["family"].split())
_TITLES = frozenset("Teyze Nine Hanım Amca Bey Dede Usta".split())
_PEOPLE = frozenset(lexicon.NAMES.replace("*", "").split()) | _TITLES
_NOT_SUBJECT_BEFORE = frozenset("ile için gibi kadar adında rengi".split())
# Common words that keep their capital in the middle of a sentence.
_CAPITALS = ("Belediye", "Türkçe", "Bölge", "Meclis", "Cumhuriyet")
# Closing words of tales, in which the predicate comes first.
_FORMULAS = ("Gökten üç elma düşmüş", "Onlar ermiş muradına")


def check(sentence: str) -> list[str]:
    """Return what is wrong with ``sentence``; empty when it is fine.

    A leading ``Soru:``, ``Cevap:``, dash or number is stepped over; an answer may be shorter than a sentence, and a
    list item without a mark is only read word by word.
    """
    text = sentence.strip()
    prefix = _PREFIX.match(text)
    label = prefix[0].strip() if prefix else ""
    text = text[prefix.end() :] if prefix else text
    if not text:
        return ["empty"]
    if text.startswith(_FORMULAS):
        return _words_only(text)
    if not _END.search(text):
        listed = label and label not in ("Soru:", "Cevap:")
        return _words_only(text) if listed else ["no mark at the end"]
    if text.count('"') % 2:
        return ["a quotation is left open"]
    problems: list[str] = []
    for quoted in _QUOTED.findall(text):
        problems += _check_quoted(quoted)
    if next((character for character in text if character.isalnum()), "A").islower():
        problems.append("starts in lower case")
    bare = _QUOTED.sub(QUOTE, text)
    for part in _PART.split(bare):
        problems += _check_clause(part, told=QUOTE in bare, short=label == "Cevap:")
    return problems


def _words_only(text: str) -> list[str]:
    problems: list[str] = []
    tokenize(text, problems)
    return problems


def _check_quoted(quoted: str) -> list[str]:
    inner = quoted.strip().rstrip(",")
    if not inner:
        return ["empty quotation"]
    if inner[0].islower():
        return ["a quotation starts in lower case"]
    if " " not in inner:
        return _words_only(inner)
    return [problem for part in _PART.split(inner) for problem in _check_clause(part, told=True, short=True)]


def _check_clause(text: str, *, told: bool, short: bool) -> list[str]:
    """Check one clause; ``told`` when it stands in or around a quotation, ``short`` when it may lack a predicate."""
    problems: list[str] = []
    tokens = tokenize(text, problems)
    if problems or not tokens:
        return problems
    problems += _capitals(tokens)
    problems += _ends(tokens, told=told, short=short)
    if not (short and len(tokens) == 1):
        rules = SPOKEN_RULES if short and told else RULES
        problems += [found for index in range(len(tokens)) for rule in rules if (found := rule(tokens, index))]
    problems += _agreement(tokens)
    return problems


def _capitals(tokens: list[Token]) -> list[str]:
    return [
        f"capital in the middle: {token.text}"
        for token in tokens[1:]
        if token.text[0].isupper()
        and "'" not in token.text
        and not token.has("name")
        and not token.text.startswith(_CAPITALS)
    ]


def _ends(tokens: list[Token], *, told: bool, short: bool) -> list[str]:
    first, last = tokens[0], tokens[-1]
    problems = []
    if len(tokens) > 1 and first.low in _NEVER_FIRST:
        problems.append(f"cannot start a sentence: {first.text}")
    # "için" is also "drink!".
    order = last.low == "için" and not any(token.only(*FINITE) for token in tokens[:-1])
    if len(tokens) > 1 and last.low in _NEVER_LAST and not (short or order):
        problems.append(f"cannot end a sentence: {last.text}")
    if last.text == QUOTE or last.has("verb", "pred", "existence", "particle") or (short and len(tokens) < 5):
        return problems
    if last.has("pronoun") and last.cases() & {"ins", "loc"}:
        return problems
    if not (
        last.has("number") or last.low in _FINAL_ADVERBS or (last.has(*NOMINAL) and last.cases() & {"nom", "loc"})
    ):
        return [*problems, f"no predicate at the end: {last.text}"]
    # A noun or an adjective can be the predicate, but not after another one that no conjunction separates.
    said = told and any(token.has("verb") for token in tokens[:-1])
    earlier = any(token.only(*FINITE) and not token.mark for token in tokens[:-1])
    named = len(tokens) > 1 and last.has("name") and 1 in tokens[-2].owners()
    joined = any(token.has("and", "but", "that") for token in tokens) and (last.has("adj") or first.low == "artık")
    # A story in the past has its adjectives in the past, too: "Geldi ve mutluydu."
    past = any(t.only(*FINITE) and t.low.endswith(_PAST_ENDINGS) for t in tokens[:-1])
    if earlier and not (said or named or (joined and not past)):
        problems.append("words after the predicate")
    return problems


def _agreement(tokens: list[Token]) -> list[str]:
    subject = _subject(tokens)
    if subject is None:
        return []
    start, allowed = subject
    last = len(tokens) - (2 if len(tokens) > 1 and tokens[-1].has("particle") else 1)
    for index in range(start + 1, len(tokens)):
        other = tokens[index]
        if other.text == QUOTE:
            return []
        if other.has(*FINITE) and (index == last or closes_clause(tokens, index)):
            if other.has("adj"):
                return []
            if not other.persons() & allowed:
                return [f"{tokens[start].text} does not go with {other.text}"]
            # The next clause keeps the subject unless a word that could be another stands in it.
            if any("nom" in t.cases() and t.has("noun", "name", "pronoun") for t in tokens[index + 1 : -1]):
                return []
    return []


def _subject(tokens: list[Token]) -> tuple[int, set[int]] | None:
    """Find an explicit subject: its index, and the persons its verb may have."""
    joined = any(token.low in ("ile", "ve", "da", "de", "hem") for token in tokens)
    if any(token.low == "ise" for token in tokens):
        return None  # "Ben kaledeydim, Ali ise ilerideydi": two subjects
    for index, token in enumerate(tokens):
        near = tokens[index + 1 : index + 5]
        if token.mark or not near:
            continue
        if token.only("pronoun") and token.cases() == {"nom"}:
            # "Ben gidince ağladı": the pronoun belongs to the clause inside.
            if any(other.has("converb") for other in near[:3]):
                continue
            person = token.may_be[0].person
            if person == 6:
                return index, {6, 3}
            return index, {person, person + 3} if joined and person < 4 else {person}
        named = token.text in _PEOPLE and not (index and tokens[index - 1].low == "adını")
        relative = token.owners() and token.cases() == {"nom"} and token.may_be[0].stem in _FAMILY
        if not named and not (index == 0 and (token.low in _ANIMATE or relative)):
            continue
        if near[0].text in _PEOPLE or near[0].text.split("'")[0] in _TITLES or near[0].low in _NOT_SUBJECT_BEFORE:
            continue
        if any(other.has("converb") and other.low.endswith(("nca", "nce", "ken")) for other in near):
            continue
        return index, {3, 4, 5, 6} if joined else {3}
    return None


def judged_sentences(text: str) -> list[str]:
    """Return the sentences of ``text`` that should be judged: no headings, no cut-off end."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found: list[str] = []
    for number, line in enumerate(lines):
        parts = split_sentences(line)
        if number < len(lines) - 1 and len(line.split()) < 6 and _TITLE.fullmatch(line):
            continue
        if parts and not _END.search(parts[-1]) and not _PREFIX.match(parts[-1]):
            heading = len(parts) == 1 and number < len(lines) - 1
            cut_off = number == len(lines) - 1 and len(lines) + len(parts) > 2
            if heading or cut_off:
                parts.pop()
        found += parts
    return found


def grammatical_share(text: str) -> float:
    """Return the share of the sentences of ``text`` that have no problem; 0 when there is none to judge.

    Headings are passed over, and so is an unfinished last sentence: a sampler cuts where it must.
    """
    sentences = judged_sentences(text)
    if not sentences:
        return 0.0
    return sum(not check(sentence) for sentence in sentences) / len(sentences)
