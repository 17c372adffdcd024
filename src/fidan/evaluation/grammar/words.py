"""What every phenomenon is written with: names, pronouns, kin, actions, and a pair put into its sentence.

An action is a phrase that stands before its verb, already in its case, and the stem: ("kitap", "oku"). They are
chosen so that any person can be their subject. Inflection is that of `fidan.corpus.synthetic`.
What it leaves out: any error; the phenomena make those.
"""

from random import Random
from typing import TypeVar

from fidan.corpus.synthetic.lexicon import CHILDREN, find_noun, find_verb
from fidan.corpus.synthetic.nouns import Name, Noun, Pronoun, noun
from fidan.corpus.synthetic.sentences import pick
from fidan.corpus.synthetic.verbs import finite
from fidan.turkish import capitalize

T = TypeVar("T")

# Names that are nothing else: not Can (soul), Umut (hope), Oya (lace, or "to the vote").
_PLAIN = frozenset(
    "Ali Ayşe Mehmet Elif Zeynep Emre Kerem Selin Burak Ömer Yusuf Esra Ozan İrem Hasan Leyla Murat Sinan "
    "Zehra Ceren Fatma Hakan Kaan Mert Tarık Vedat Ahmet Mustafa Hatice Emine Orhan Serkan Volkan Tülay "
    "Hülya Osman Ayten".split()
)
NAMES: tuple[Name, ...] = tuple(name for name in CHILDREN if name.text in _PLAIN)
PRONOUNS: dict[int, Pronoun] = {person: Pronoun(person) for person in range(1, 7)}
KIN: tuple[Noun, ...] = tuple(map(find_noun, "anne baba dede abla teyze amca babaanne anneanne".split()))
# People who are told of and not spoken to: a bare name at the start of a sentence may also be a call.
PEOPLE = (
    "küçük kız", "yaşlı adam", "genç kadın", "küçük çocuk", "yaşlı balıkçı", "genç öğretmen", "yorgun çiftçi",
    "çalışkan öğrenci", "yaşlı bahçıvan", "genç doktor", "neşeli postacı", "yaşlı kadın",
)  # fmt: skip
ACTIONS: tuple[tuple[str, str], ...] = (
    ("kitap", "oku"), ("okula", "git"), ("eve", "dön"), ("bahçede", "oyna"), ("parkta", "koş"), ("mektup", "yaz"),
    ("duvarı", "boya"), ("çay", "iç"), ("otobüse", "bin"), ("denizde", "yüz"), ("şarkı", "söyle"), ("film", "izle"),
    ("balkonda", "otur"), ("resim", "çiz"), ("yemek", "pişir"), ("çiçekleri", "sula"), ("odayı", "temizle"),
    ("radyo", "dinle"), ("köye", "git"), ("masayı", "hazırla"), ("bisiklete", "bin"), ("kedileri", "besle"),
    ("pazardan ekmek", "al"), ("bulaşıkları", "yıka"), ("arabayı", "yıka"), ("sahilde", "yürü"), ("ders", "çalış"),
    ("arkadaşlarla", "buluş"), ("kütüphaneye", "git"), ("gazete", "oku"),
)  # fmt: skip
# Not "iki gün sonra": it also counts from a day in the past.
PAST_TIMES = ("dün", "geçen hafta", "dün akşam", "dün sabah", "geçen gün", "iki gün önce")
FUTURE_TIMES = ("yarın", "gelecek hafta", "yarın akşam", "yarın sabah", "haftaya")


# Nouns the lexicon of the corpus lacks, in its notation.
_EXTRA = {
    entry.text: entry
    for entry in map(noun, "ok market robot şekil>şekl kömür pazartesi salı çarşamba perşembe "
                           "cuma cumartesi".split())
}  # fmt: skip


def nouns(texts: str) -> tuple[Noun, ...]:
    """The nouns written in `texts`, of the lexicon or the few beside it; KeyError where one is in neither."""
    return tuple(_EXTRA.get(text) or find_noun(text) for text in texts.split())


def said(stem: str, tense: str, person: int = 3, *, negative: bool = False, question: bool = False) -> str:
    """The finite form of the verb with this stem."""
    return finite(find_verb(stem), tense, person, negative=negative, question=question)


def pair(template: str, good: str, bad: str) -> tuple[str, str]:
    """Put both words into the gap `_` of `template`; add the capital at the start and, where no mark is, a stop."""
    template = template if template[-1] in ".?!" else template + "."
    return capitalize(template.replace("_", good)), capitalize(template.replace("_", bad))


def kin(draw: Random, key: str = "nom") -> str:
    """One of "my mother", "my father", … in the case `key`."""
    return pick(draw, KIN).form(f"1.{key}")


def someone(draw: Random) -> str:
    """A third person as subject: a name or one of the family."""
    return pick(draw, NAMES).text if draw.random() < 0.5 else kin(draw)


def subject(draw: Random, person: int) -> str:
    """The subject of this person: a pronoun, or for the third person somebody who is not spoken to."""
    return pick(draw, PEOPLE) if person == 3 else PRONOUNS[person].form("nom")
