"""Errors around nouns: possession, case, number, pronouns, postpositions, the order inside a noun phrase.

Both members of almost every pair are words of the language; each is right where the other is wrong. What it leaves
out: bare names before a genitive or a verb form that may be read as a call, and accusatives that look like a
possessive (kitabı: "the book", "his book").
"""

from collections.abc import Iterator
from random import Random

from fidan.corpus.synthetic.nouns import Nominal
from fidan.corpus.synthetic.sentences import pick
from fidan.evaluation.grammar.words import (
    ACTIONS,
    NAMES,
    PAST_TIMES,
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
_SEEN = ("gördü", "bekledi", "aradı", "çağırdı", "uyandırdı", "karşıladı", "öptü", "affetti", "alkışladı")
# Ordered, so that each person is as often right as wrong.
_OWNERS = ((1, 2), (2, 1), (4, 5), (5, 4), (1, 3), (3, 1), (2, 3), (3, 2), (1, 5), (5, 1), (2, 4), (4, 2))
# Not ben with kendimize, nor sen with kendinize: I am one of us.
_SELVES = ((1, 2), (2, 1), (4, 5), (5, 4), (1, 3), (3, 1), (4, 3), (3, 4), (5, 3), (3, 5), (1, 5), (5, 1))


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
        yield pair(f"{kin(draw)} {pick(draw, PAST_TIMES)} _ {pick(draw, _SEEN)}", name.form("acc"), name.form("gen"))


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
_EACH_OTHER = ("çok iyi tanıyor", "çok seviyor", "uzun süre bekledi", "hiç unutmadı", "hemen tanıdı")
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
            (f"_ birbirini {pick(draw, _EACH_OTHER)}", ""),
            (f"_ biri {time} {phrase} {said(stem, tense)}", "abl"),
            (f"_ hepsi {time} {phrase} {said(stem, tense)}", "gen"),
        ))  # fmt: skip
        yield pair(template, who.form(f"pl.{key}" if key else "pl"), who.form(key))


_AFTER = ("biraz dinlendi", "annesini aradı", "bir çay içti", "ellerini yıkadı", "çok yoruldu")
_SO_LONG = ("burada bekliyor", "kitap okuyor", "hiç uyumadı", "hiç konuşmadı", "bir şey yemedi", "sizi arıyor")
_IN_SPITE = ("dışarı çıktı", "okula gitti", "parkta koştu", "bahçede oynadı", "denizde yüzdü", "sahilde yürüdü",
             "köye gitti", "pazara gitti", "çok eğlendi")  # fmt: skip
_THEREFORE = ("evde kaldı", "geç kaldı", "dışarı çıkmadı", "okula gitmedi", "yola çıkmadı")
_UNTIL = ("çalıştı", "bekledi", "evde oturdu", "burada kaldı", "hiç konuşmadı")
_JUDGED = ("bu film çok güzel", "bu kitap çok uzun", "bu soru çok zor", "hava bugün çok sıcak", "bu soru çok kolay")
_GIFTS = ("bir hediye aldım", "güzel bir resim çizdim", "bir pasta yaptım", "çok üzüldüm", "bir şiir yazdım")
_HARDSHIPS = nouns("yağmur fırtına rüzgâr sis")
_EVENTS = nouns("toplantı maç konser film yarış gezi")
_DAYTIMES = nouns("sabah akşam pazartesi salı çarşamba perşembe cuma cumartesi")


def postposition_case(draw: Random) -> Pairs:
    """Yağmura rağmen → yağmurdan rağmen, dersten sonra → derse sonra."""
    while True:
        who = someone(draw)
        template, word, good, bad = _one_of(
            draw,
            (f"_ {pick(draw, ('sonra', 'önce'))} {who} {pick(draw, _AFTER)}", pick(draw, _EVENTS), "abl", "dat"),
            (f"{who} _ beri {pick(draw, _SO_LONG)}", pick(draw, _DAYTIMES), "abl", "dat"),
            (f"{who} _ dolayı {pick(draw, _THEREFORE)}", pick(draw, _HARDSHIPS), "abl", "dat"),
        )
        yield pair(template, word.form(good), word.form(bad))
        who = someone(draw)
        template, word, good, bad = _one_of(
            draw,
            (f"{who} _ rağmen {pick(draw, _IN_SPITE)}", pick(draw, _HARDSHIPS), "dat", "abl"),
            (f"{who} _ kadar {pick(draw, _UNTIL)}", pick(draw, _DAYTIMES), "dat", "abl"),
            (f"_ göre {pick(draw, _JUDGED)}", _judge(draw), "dat", "abl"),
        )
        yield pair(template, word.form(good), word.form(bad))


def postposition_order(draw: Random) -> Pairs:
    """Yağmura rağmen → rağmen yağmura."""
    while True:
        who = someone(draw)
        template, word, case, post = _one_of(
            draw,
            (f"{who} _ {pick(draw, _IN_SPITE)}", pick(draw, _HARDSHIPS), "dat", "rağmen"),
            (f"_ {who} {pick(draw, _IN_SPITE)}", pick(draw, _HARDSHIPS), "dat", "rağmen"),
            (f"{who} _ {pick(draw, _THEREFORE)}", pick(draw, _HARDSHIPS), "abl", "dolayı"),
            (f"{who} _ {pick(draw, _SO_LONG)}", pick(draw, _DAYTIMES), "abl", "beri"),
            (f"_ {pick(draw, _JUDGED)}", _judge(draw), "dat", "göre"),
            (f"_ {pick(draw, _GIFTS)}", PRONOUNS[pick(draw, (2, 5))], "gen", "için"),
        )
        yield pair(template, f"{word.form(case)} {post}", f"{post} {word.form(case)}")


def _one_of(draw: Random, *options: tuple[str, Nominal, str, str]) -> tuple[str, Nominal, str, str]:
    return pick(draw, options)


def _judge(draw: Random) -> Nominal:
    return pick(draw, NAMES) if draw.random() < 0.5 else PRONOUNS[pick(draw, (1, 2, 4, 5))]


_COMPARED = nouns("kardeş kuzen arkadaş komşu öğretmen abla ağabey teyze amca dayı hala anne baba")
# None that takes a dative: güzel, yakın and sabırlı may be said of what is so for somebody.
_MORE = ("uzun boylu", "çalışkan", "genç", "yaşlı", "güçlü", "zengin", "akıllı", "cesur", "tembel", "konuşkan")


def comparison(draw: Random) -> Pairs:
    """Ali'den daha uzun → Ali'ye daha uzun, and Ali'ye göre daha uzun → Ali'den göre daha uzun."""
    while True:
        for joined, good, bad in (("", "abl", "dat"), ("göre ", "dat", "abl")):
            first, second = pick(draw, _COMPARED).form(pick(draw, ("1", "4"))), pick(draw, NAMES)
            yield pair(f"{first} _ {joined}daha {pick(draw, _MORE)}", second.form(good), second.form(bad))


_LIKED = nouns(
    "çanta şapka kolye masa araba lamba halı kutu battaniye ayna harita saksı vazo sandalye tencere gazete"
)
_TAKEN = (("past", "beğen"), ("past", "gör"), ("prog", "iste"), ("past", "bul"), ("fut", "sat"), ("past", "taşı"),
          ("past", "seç"), ("past", "kaybet"))  # fmt: skip
_FINE = ("çok güzel", "çok eski", "hiç güzel değil", "oldukça büyük", "bana çok pahalı geldi", "artık burada değil")


def subject_and_object(draw: Random) -> Pairs:
    """Bu çantayı aldım → bu çanta aldım, and bu çanta çok güzel → bu çantayı çok güzel."""
    while True:
        thing, this, (tense, stem) = pick(draw, _LIKED), pick(draw, ("bu", "şu")), pick(draw, _TAKEN)
        person = pick(draw, (1, 4))
        verb = said(stem, tense, person)
        yield pair(f"{subject(draw, person)} {this} _ {verb}", thing.form("acc"), thing.form(""))
        thing, this = pick(draw, _LIKED), pick(draw, ("bu", "şu"))
        yield pair(f"{this} _ {pick(draw, _FINE)}", thing.form(""), thing.form("acc"))


_SELF = (
    ("acc", "aynada", "gör", "past"), ("acc", "çok iyi", "tanı", "prog"),
    ("acc", "bugün çok iyi", "hisset", "prog"), ("dat", "çok", "güven", "prog"),
    ("dat", "yeni bir kalem", "al", "past"), ("dat", "yine", "kız", "past"),
    ("dat", "sıcak bir çay", "yap", "past"), ("acc", "herkesten çok", "sev", "prog"), ("acc", "iyi", "koru", "past"),
    ("dat", "güzel bir oda", "seç", "past"), ("dat", "çok", "kız", "past"), ("acc", "bugün yorgun", "hisset", "prog"),
    ("dat", "yeni bir şapka", "al", "past"), ("dat", "aynada", "bak", "past"), ("acc", "hemen", "kurtar", "past"),
    ("dat", "güzel bir yer", "bul", "past"), ("acc", "yalnız", "hisset", "prog"),
    ("dat", "bir çorba", "pişir", "past"),
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


_HANDLED = (
    ("temizle", nouns("oda masa pencere halı")), ("oku", nouns("kitap mektup hikâye")), ("çöz", nouns("soru sorun")),
    ("sula", nouns("çiçek ağaç")), ("aç", nouns("kutu kapı pencere paket")), ("yıka", nouns("tabak bardak elma")),
    ("boya", nouns("duvar kapı sandalye")), ("taşı", nouns("kutu sandık sandalye")),
)  # fmt: skip
_DEGREES = ("küçük", "büyük", "güzel", "eski", "yeni")


def modifier_order(draw: Random) -> Pairs:
    """Her odayı → odayı her, en güzel → güzel en."""
    while True:
        stem, things = pick(draw, _HANDLED)
        thing, verb = pick(draw, things), said(stem, "past")
        first, second, rest = pick(draw, (
            ("her", thing.form("acc"), verb),
            ("hiçbir", thing.form("acc"), said(stem, "past", negative=True)),
            ("bazı", thing.form("pl.acc"), verb),
            ("birkaç", thing.text, verb),
            ("en", pick(draw, _DEGREES), f"{thing.form('acc')} {verb}"),
            ("çok", pick(draw, _DEGREES), f"bir {thing.text} {verb}"),
            ("daha", pick(draw, _DEGREES), f"bir {thing.text} {verb}"),
        ))  # fmt: skip
        time = pick(draw, ("", *(f"{time} " for time in PAST_TIMES)))
        yield pair(f"{someone(draw)} {time}_ {rest}", f"{first} {second}", f"{second} {first}")
