"""Errors around nouns: possession, case, number, pronouns, postpositions, the order inside a noun phrase.

Both members of almost every pair are words of the language; each is right where the other is wrong. What it leaves
out: bare names before a genitive or a verb form that may be read as a call, and accusatives that look like a
possessive (kitabı: "the book", "his book").
"""

from collections.abc import Iterator
from random import Random

from fidan.corpus.synthetic.sentences import pick
from fidan.evaluation.grammar.words import (
    ACTIONS,
    KIN,
    NAMES,
    PAST_TIMES,
    PEOPLE,
    PRONOUNS,
    kin,
    nouns,
    pair,
    said,
    someone,
    subject,
)

Pairs = Iterator[tuple[str, str]]

_BELONGINGS = (
    (nouns("çanta kalem defter şapka bilet saat anahtar"), ("masanın üstünde duruyor", "dün kayboldu", "çok eski")),
    (nouns("ev oda bahçe köy okul"), ("çok güzel", "buradan çok uzak", "oldukça büyük")),
    (nouns("anne baba kardeş arkadaş öğretmen komşu"), ("bugün çok mutlu", "dün çok yoruldu", "yarın gelecek")),
    (nouns("kedi köpek kuş tavşan balık"), ("çok güzel", "bahçede uyuyor", "dün kaçtı")),
)  # fmt: skip
_SEEN = (
    "gördü",
    "bekledi",
    "aradı",
    "çağırdı",
    "uyandırdı",
    "karşıladı",
    "özledi",
    "affetti",
    "çok seviyor",
    "izledi",
)
# Ordered, so that each person is as often right as wrong.
_OWNERS = ((1, 2), (2, 1), (4, 5), (5, 4), (1, 3), (3, 1), (2, 3), (3, 2), (1, 5), (5, 1), (2, 4), (4, 2))
_SELVES = ((1, 2), (2, 1), (4, 5), (5, 4), (1, 3), (3, 1), (1, 4), (4, 1), (4, 3), (3, 4))


def possessor_agreement(draw: Random) -> Pairs:
    """Benim evim → benim evin."""
    while True:
        for right, wrong in _OWNERS:
            things, predicates = pick(draw, _BELONGINGS)
            thing = pick(draw, things)
            owner = pick(draw, NAMES).form("gen") if right == 3 else PRONOUNS[right].form("gen")
            yield pair(f"{owner} _ {pick(draw, predicates)}", thing.form(str(right)), thing.form(str(wrong)))


def possessor_case(draw: Random) -> Pairs:
    """Ali'nin çantası → Ali'yi çantası, and Ali'yi gördü → Ali'nin gördü."""
    while True:
        things, predicates = pick(draw, _BELONGINGS)
        name, thing = pick(draw, NAMES), pick(draw, things).form("3")
        yield pair(f"_ {thing} {pick(draw, predicates)}", name.form("gen"), name.form("acc"))
        name = pick(draw, NAMES)
        yield pair(
            f"{kin(draw)} {pick(draw, PAST_TIMES)} _ {pick(draw, _SEEN[:8])}", name.form("acc"), name.form("gen")
        )


_IRREGULAR = (
    (("bana", "bene"), ("sana", "sene"), ("buna", "buya"), ("şuna", "şuya")),
    (("bunu", "buyu"), ("şunu", "şuyu")),
    (("benim", "benin"), ("bizim", "bizin")),
)
_GIVEN = ("baktı", "yardım etti", "inanmadı", "çok kızdı", "sarıldı", "güvendi", "gülümsedi")
_DONE = ("gördü", "unuttu", "söyledi", "aldı", "çok beğendi", "istemedi", "yaptı")


def pronoun_forms(draw: Random) -> Pairs:
    """Bana → bene, bunu → buyu, bizim → bizin."""
    while True:
        dative, accusative, genitive = _IRREGULAR
        good, bad = pick(draw, dative)
        tails = (
            _GIVEN if good in ("bana", "sana") else ("baktı", "inanmadı", "çok kızdı", "çok sevindi", "çok şaşırdı")
        )
        yield pair(f"{someone(draw)} {pick(draw, PAST_TIMES)} _ {pick(draw, tails)}", good, bad)
        good, bad = pick(draw, accusative)
        yield pair(f"{someone(draw)} {pick(draw, PAST_TIMES)} _ {pick(draw, _DONE)}", good, bad)
        good, bad = pick(draw, genitive)
        things, predicates = pick(draw, _BELONGINGS)
        owned = pick(draw, things).form("1" if good == "benim" else "4")
        yield pair(f"_ {owned} {pick(draw, predicates)}", good, bad)


_COUNTED = (
    ("pazardan", "aldı", nouns("elma armut muz portakal limon yumurta ekmek kavun karpuz balık")),
    ("masaya", "koydu", nouns("kitap defter kalem bardak tabak kaşık elma portakal")),
    ("deftere", "çizdi", nouns("ev ağaç çiçek kuş kedi balık yıldız")),
    ("bahçede", "gördü", nouns("kedi köpek kuş kelebek tavşan kirpi")),
    ("çantasına", "koydu", nouns("kitap kalem elma kurabiye defter top")),
)
_NUMBERS = ("iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "on", "birkaç")
_GROUPS = nouns("çocuk öğrenci komşu misafir yolcu oyuncu öğretmen doktor arkadaş çiftçi")


def number(draw: Random) -> Pairs:
    """Üç elma → üç elmalar, and bazı çocuklar → bazı çocuk."""
    while True:
        place, verb, things = pick(draw, _COUNTED)
        thing = pick(draw, things)
        yield pair(f"{someone(draw)} {place} {pick(draw, _NUMBERS)} _ {verb}", thing.form(""), thing.form("pl"))
        who, (phrase, stem) = pick(draw, _GROUPS), pick(draw, ACTIONS)
        time, tense = pick(
            draw, (("dün", "past"), ("yarın", "fut"), ("geçen hafta", "past"), ("gelecek hafta", "fut"))
        )
        template, key = pick(draw, (
            (f"bazı _ {time} {phrase} {said(stem, tense)}", ""),
            (f"tüm _ {time} {phrase} {said(stem, tense)}", ""),
            (f"_ birbirini {pick(draw, ('çok iyi tanıyor', 'çok seviyor', 'uzun süre bekledi', 'hiç unutmadı'))}", ""),
            (f"_ biri {time} {phrase} {said(stem, tense)}", "abl"),
            (f"_ hepsi {time} {phrase} {said(stem, tense)}", "gen"),
        ))  # fmt: skip
        yield pair(template, who.form(f"pl.{key}" if key else "pl"), who.form(key))


_AFTER = ("kitap okudu", "bir şarkı dinledi", "biraz dinlendi", "annesini aradı", "çay içti", "ellerini yıkadı")
_SO_LONG = ("burada bekliyor", "kitap okuyor", "hiç uyumadı", "hiç konuşmadı", "bir şey yemedi", "sizi arıyor")
_THEREFORE = ("evde kaldı", "geç kaldı", "çok üşüdü", "maçı izlemedi", "işini bitirmedi")
_HARDSHIPS = nouns("yağmur kar fırtına rüzgâr sis")
_EVENTS = nouns("ders toplantı sınav maç konser film yarış oyun")
_DAYTIMES = nouns("sabah akşam pazartesi salı çarşamba perşembe cuma cumartesi")


def postposition_case(draw: Random) -> Pairs:
    """Yağmura rağmen → yağmurdan rağmen, dersten sonra → derse sonra."""
    while True:
        weather, event, day = pick(draw, _HARDSHIPS), pick(draw, _EVENTS), pick(draw, _DAYTIMES)
        who = someone(draw)
        person = PRONOUNS[pick(draw, (1, 2, 4, 5))]
        template, form, good, bad = pick(draw, (
            (f"_ sonra {who} {pick(draw, _AFTER)}", event, "abl", "dat"),
            (f"_ önce {who} {pick(draw, _AFTER)}", event, "abl", "dat"),
            (f"{who} _ beri {pick(draw, _SO_LONG)}", day, "abl", "dat"),
            (f"{who} _ dolayı {pick(draw, _THEREFORE)}", weather, "abl", "dat"),
        ))  # fmt: skip
        yield pair(template, form.form(good), form.form(bad))
        who = someone(draw)
        opinion = pick(draw, ("bu film çok güzel", "bu kitap çok uzun", "bu soru çok zor", "hava bugün sıcak"))
        phrase, stem = pick(draw, ACTIONS)
        template, form, good, bad = pick(draw, (
            (f"{who} _ rağmen {phrase} {said(stem, 'past')}", weather, "dat", "abl"),
            (f"_ göre {opinion}", person, "dat", "abl"),
            (f"_ göre {opinion}", pick(draw, NAMES), "dat", "abl"),
            (f"{who} _ kadar {pick(draw, ('çalıştı', 'bekledi', 'uyudu', 'kitap okudu', 'evde oturdu'))}", day, "dat",
             "abl"),
        ))  # fmt: skip
        yield pair(template, form.form(good), form.form(bad))


def postposition_order(draw: Random) -> Pairs:
    """Yağmura rağmen → rağmen yağmura."""
    while True:
        who, weather, day = someone(draw), pick(draw, _HARDSHIPS), pick(draw, _DAYTIMES)
        phrase, stem = pick(draw, ACTIONS)
        person = PRONOUNS[pick(draw, (1, 2, 4, 5))]
        template, word, post = pick(draw, (
            (f"{who} _ {phrase} {said(stem, 'past')}", weather.form("dat"), "rağmen"),
            (f"_ {who} {phrase} {said(stem, 'past')}", weather.form("dat"), "rağmen"),
            (f"{who} _ {pick(draw, _THEREFORE)}", weather.form("abl"), "dolayı"),
            (f"{who} _ {pick(draw, _SO_LONG)}", day.form("abl"), "beri"),
            (f"_ {pick(draw, ('bu film çok güzel', 'bu kitap çok uzun', 'bu soru çok zor'))}", person.form("dat"), "göre"),
            (f"_ {pick(draw, ('bu film çok güzel', 'bu soru çok kolay'))}", pick(draw, NAMES).form("dat"), "göre"),
            (f"_ {pick(draw, ('bir hediye aldım', 'güzel bir resim çizdim', 'bir pasta yaptım', 'çok üzüldüm'))}",
             PRONOUNS[pick(draw, (2, 5))].form("gen"), "için"),
        ))  # fmt: skip
        yield pair(template, f"{word} {post}", f"{post} {word}")


_TALLER = ("uzun boylu", "çalışkan", "genç", "yaşlı", "güçlü", "zengin", "akıllı", "dikkatli")


def comparison(draw: Random) -> Pairs:
    """Ali'den daha uzun → Ali'ye daha uzun, and Ali'ye göre daha uzun → Ali'den göre daha uzun."""
    while True:
        for joined, good, bad in (("", "abl", "dat"), ("göre ", "dat", "abl")):
            first, second = pick(draw, (pick(draw, KIN).form("1"), *PEOPLE[:4])), pick(draw, NAMES)
            yield pair(f"{first} _ {joined}daha {pick(draw, _TALLER)}", second.form(good), second.form(bad))


_LIKED = nouns("çanta şapka kolye masa oda bahçe araba lamba halı hikâye kutu battaniye")
_TAKEN = ("beğendim", "gördüm", "çok seviyorum", "istiyorum", "size gösterdim", "hiç beğenmedim", "unutmadım")
_FINE = ("çok güzel", "çok eski", "hiç güzel değil", "oldukça büyük", "bana çok pahalı geldi", "artık burada değil")


def subject_and_object(draw: Random) -> Pairs:
    """Bu çantayı aldım → bu çanta aldım, and bu çanta çok güzel → bu çantayı çok güzel."""
    while True:
        thing, this = pick(draw, _LIKED), pick(draw, ("bu", "şu"))
        yield pair(f"ben {this} _ {pick(draw, _TAKEN)}", thing.form("acc"), thing.form(""))
        thing, this = pick(draw, _LIKED), pick(draw, ("bu", "şu"))
        yield pair(f"{this} _ {pick(draw, _FINE)}", thing.form(""), thing.form("acc"))


_SELF = (
    ("acc", "aynada", "gör", "past"), ("acc", "çok iyi", "tanı", "prog"), ("acc", "bugün çok iyi", "hisset", "prog"),
    ("dat", "çok", "güven", "prog"), ("dat", "yeni bir kalem", "al", "past"),
    ("dat", "sıcak bir çay", "yap", "past"), ("acc", "herkesten çok", "sev", "prog"), ("acc", "iyi", "koru", "past"),
    ("dat", "güzel bir oda", "seç", "past"), ("dat", "çok", "kız", "past"),
)  # fmt: skip


def reflexive_agreement(draw: Random) -> Pairs:
    """Ben kendimi gördüm → ben kendini gördüm."""
    self_ = nouns("kend")[0]

    def form(person: int, case: str) -> str:
        return self_.form(f"{person}.{case}")

    while True:
        for right, wrong in _SELVES:
            case, phrase, stem, tense = pick(draw, _SELF)
            yield pair(f"{subject(draw, right)} _ {phrase} {said(stem, tense, right)}", form(right, case),
                       form(wrong, case))  # fmt: skip


_ORDERED = (
    ("her", "odayı", "temizledi"), ("her", "kitabı", "okudu"), ("her", "soruyu", "çözdü"), ("her", "çiçeği", "suladı"),
    ("birkaç", "elma", "yedi"), ("birkaç", "kitap", "aldı"), ("birkaç", "mektup", "yazdı"), ("birkaç", "soru", "sordu"),
    ("en", "güzel", "elbiseyi seçti"), ("en", "büyük", "odayı temizledi"), ("en", "küçük", "kutuyu açtı"),
    ("en", "eski", "kitabı buldu"), ("çok", "güzel", "bir şarkı söyledi"), ("çok", "eski", "bir kitap buldu"),
    ("bazı", "soruları", "çözdü"), ("bazı", "çiçekleri", "suladı"), ("bazı", "odaları", "temizledi"),
    ("hiçbir", "soruyu", "çözmedi"), ("hiçbir", "kitabı", "okumadı"), ("hiçbir", "odayı", "temizlemedi"),
    ("çok", "küçük", "bir ev gördü"), ("daha", "büyük", "bir masa aldı"), ("daha", "güzel", "bir resim çizdi"),
)  # fmt: skip


def modifier_order(draw: Random) -> Pairs:
    """Her odayı → odayı her, en güzel → güzel en."""
    while True:
        first, second, rest = pick(draw, _ORDERED)
        yield pair(f"{someone(draw)} {pick(draw, ('', *PAST_TIMES))} _ {rest}".replace("  ", " "), f"{first} {second}",
                   f"{second} {first}")  # fmt: skip
