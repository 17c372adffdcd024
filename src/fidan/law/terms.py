"""Text to the terms that are counted and looked up: each word's beginning, its stem, and pairs of neighbours.

A Turkish word carries its suffixes at its end, so its first letters stand for it; they also join words that have
nothing in common ("kira", "kiraz"). A stemmer joins fewer and misses more. Both together find more than either
(dev/LOG.md), and two content words side by side ("kıdem tazminatı") say more than the two apart.

What it leaves out: how terms are weighed (`fidan.law.bm25`).
"""

import re
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from fidan.turkish import FOLDED, lower

ANALYSER = "plain prefix-5, snowball, pairs"
"""The name of what `index_terms` does, kept in an index: two analysers' terms cannot be compared."""

PREFIX = 5  # letters; Can et al. 2008, "Information retrieval on Turkish texts", found 5 as good as a lemmatiser
STEM = "·"  # marks a stem, which is no beginning

_WORD = re.compile(r"[a-zçğıöşü]+(?='|[^\w]|$)|\w+")
_SUFFIX = re.compile(r"'[a-zçğıöşü]+")
_PLAIN = str.maketrans("çğıöşü", "cgiosu")


def words(text: str) -> list[str]:
    """The folded words of a text, in order, without what follows an apostrophe."""
    return _WORD.findall(_SUFFIX.sub(" ", lower(text).translate(FOLDED)))


def terms(text: str) -> list[str]:
    """The beginnings of a text's words, in order, repeated as often as they occur.

    >>> terms("Kiracının TBK'daki çıkışı 344")
    ['kirac', 'tbk', 'cikis', '344']
    """
    return [stem(word) for word in words(text)]


def stem(word: str) -> str:
    """A folded word's first letters, which inflection mostly leaves alone, as a keyboard without Turkish letters has
    them ("çıkmıyor" and "cikmiyor" are one); a number whole.
    """
    return word if word[0].isdigit() else word[:PREFIX].translate(_PLAIN)


def index_terms(found: list[str]) -> list[str]:
    """All terms of folded words: beginnings, stems, and pairs of content words that are neighbours.

    >>> index_terms(["kıdem", "ve", "tazminatı"])
    ['kidem', 've', 'tazmi', '·kıde', '·ve', '·tazminat', 'kidem tazmi']
    """
    beginnings = [stem(word) for word in found]
    content = [beginning for beginning, word in zip(beginnings, found, strict=True) if word not in JOINING]
    pairs = [f"{first} {second}" for first, second in pairwise(content)]
    return [*beginnings, *map(_snowball, found), *pairs]


@lru_cache(maxsize=1 << 18)
def _snowball(word: str) -> str:
    return STEM + str(_stemmer().stemWord(word))


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("turkish")


_JOINING = (
    "acaba ait aittir alır ama ancak anlama artık asla aslında ayrıca açısından bakımından bana bazı bağlamında "
    "belki ben beni benim beri bile bir biri birkaç biz bize bizi bizim bu buna bunda bundan bunlar bunu bunun "
    "burada böyle bütün da daha de demek demektir denir değil diye dolayı düzenlemeler eder ediyor en et etti "
    "eğer fakat filan gelir gerek gereken gerekir gereğince gibi göre hangi hani hatta hem hemen hep hepsi her "
    "herkes hiç hiçbir hukuki hususunda hususundaki ile ilişkin ise için işlemektedir işte kadar kaç kendi "
    "kendim kez ki kim kime kimin kimler konusunda kurallar lazım lütfen merhaba mi midir mu mü mı mıdır nasıl "
    "ne neden nedir neler nelerden nelerdir nerede nereye niye niçin o olabilir olan olarak oldu olduğu olmak "
    "olur on ona ondan onlar onu onun orada oysa pek peki rağmen sadece sanki selam siz size süreç tüm uyarınca "
    "var ve verilir verir veya ya yani yap yapar yapmak yapılır yasal yer yine yok yoksa zaten zira "
    "çerçevesinde çok çünkü öngörülen öyle şey şimdi şu şunlar şöyle"
)
JOINING = frozenset(_JOINING.split()) | frozenset(_JOINING.translate(_PLAIN).split())
"""Words that ask, join or point, and say nothing of the matter; with Turkish letters or without."""
