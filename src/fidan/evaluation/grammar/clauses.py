"""Errors where one clause stands in another: time, condition, relative clauses, what is known or liked.

Each form is right where the other is wrong. What it leaves out: relative clauses in which both participles can be
meant (oynayan çocuk, oynadığı çocuk), and verbs that take an infinitive in two cases.
"""

from collections.abc import Iterator
from random import Random

from fidan.corpus.synthetic.lexicon import find_verb
from fidan.corpus.synthetic.nouns import Name, Noun, Pronoun
from fidan.corpus.synthetic.sentences import pick
from fidan.corpus.synthetic.verbs import nonfinite
from fidan.evaluation.grammar.words import ACTIONS, KIN, NAMES, PAST_TIMES, PRONOUNS, kin, nouns, pair, said, someone

Pairs = Iterator[tuple[str, str]]

_MAIN = (
    ("biraz", "dinlen"), ("bir çay", "iç"), ("annesini", "ara"), ("ellerini", "yıka"), ("odasını", "topla"),
    ("pencereyi", "kapat"), ("bir şarkı", "dinle"), ("kapıyı", "aç"), ("çantasını", "hazırla"), ("elma", "ye"),
)  # fmt: skip


def before_and_after(draw: Random) -> Pairs:
    """Yemek yedikten sonra → yemek yemeden sonra, and yemek yemeden önce → yemek yedikten önce."""
    while True:
        for post in ("sonra", "önce"):
            phrase, stem = pick(draw, ACTIONS)
            after = nonfinite(find_verb(stem), "dik", case="abl")
            before = nonfinite(find_verb(stem), "me", case="abl")
            good, bad = (after, before) if post == "sonra" else (before, after)
            done, verb = pick(draw, _MAIN)
            yield pair(f"{someone(draw)} {phrase} _ {post} {done} {said(verb, 'past')}", good, bad)


_IF = (
    ("erken", "gel"), ("yarın", "gel"), ("çok", "çalış"), ("hızlı", "yürü"), ("bizi", "bekle"), ("dikkatli", "dinle"),
    ("kapıyı", "aç"), ("yavaş", "konuş"), ("evde", "kal"), ("bu kitabı", "oku"), ("erken", "kalk"), ("bana", "sor"),
)  # fmt: skip
_THEN = ("annem çok sevinir", "her şey daha kolay olur", "babam kızmaz", "herkes mutlu olur", "işimiz kolay olur",
         "kimse üzülmez", "öğretmen çok sevinir")  # fmt: skip
_BECAUSE = (
    "annem seviniyor",
    "babam kızıyor",
    "herkes gülüyor",
    "öğretmen şaşırıyor",
    "komşular seviniyor",
    "dedem üzülüyor",
)
_HABITS = (
    ("her gün", "geç kal"), ("her sabah", "erken kalk"), ("her akşam", "kitap oku"), ("hep", "çok çalış"),
    ("her zaman", "çok konuş"), ("her gün", "şarkı söyle"), ("her hafta", "buraya gel"), ("hep", "yavaş yürü"),
    ("her akşam", "geç yat"), ("her gün", "spor yap"),
)  # fmt: skip


def condition(draw: Random) -> Pairs:
    """Eğer gelirsen … → eğer gelirsin …, and çünkü gelirsin → çünkü gelirsen."""
    while True:
        for person in (1, 2, 2, 4, 5, 3):
            who = kin(draw) if person == 3 else PRONOUNS[person].form("nom")
            how, stem = pick(draw, _IF)
            yield pair(
                f"eğer {who} {how} _ {pick(draw, _THEN)}", said(stem, "aorcond", person), said(stem, "aor", person)
            )
            who = kin(draw) if person == 3 else PRONOUNS[person].form("nom")
            often, habit = pick(draw, _HABITS)
            phrase, stem = habit.rsplit(" ", 1)
            yield pair(f"{pick(draw, _BECAUSE)} çünkü {who} {often} {phrase} _", said(stem, "aor", person),
                       said(stem, "aorcond", person))  # fmt: skip


_MADE = (
    ("pişir", "çorba yemek köfte börek pasta", ("çok lezzetliydi", "soğudu", "masada duruyor")),
    ("yaz", "mektup şiir hikâye kitap", ("çok güzel", "çok uzun", "masada duruyor")),
    ("çiz", "resim harita", ("çok güzel", "duvarda duruyor", "kayboldu")),
    ("al", "çanta şapka kitap ceket kalem", ("çok güzel", "çok pahalı", "kayboldu")),
    ("söyle", "şarkı söz", ("çok güzel", "herkesi şaşırttı")),
    ("anlat", "masal hikâye", ("çok güzel", "çok uzun", "çok komik")),
    ("bul", "anahtar yüzük kolye", ("çok eski", "masada duruyor", "çok değerli")),
)  # fmt: skip
_MOVED = (
    ("ağaçtan", "düş", "elma yaprak armut"), ("gökyüzünde", "parla", "yıldız güneş"), ("denizden", "es", "rüzgâr"),
    ("ormanda", "büyü", "ağaç çiçek"), ("yere", "düş", "vazo bardak tabak"), ("dün", "kırıl", "vazo tabak ayna"),
    ("yavaşça", "sön", "ateş"), ("masada", "dur", "vazo kutu kitap"), ("dün gece", "yağ", "kar yağmur"),
    ("istasyona", "yaklaş", "tren"), ("havada", "uç", "uçurtma balon"), ("sokakta", "dur", "araba kamyon"),
)  # fmt: skip
_MOVED_SAID = ("herkesin dikkatini çekti", "çok güzeldi", "hepimizi şaşırttı", "bana bir masalı hatırlattı")


def relative_clause(draw: Random) -> Pairs:
    """Annemin pişirdiği çorba → annemin pişiren çorba, and düşen elma → düştüğü elma."""
    while True:
        stem, things, predicates = pick(draw, _MADE)
        owner = pick(draw, NAMES).form("gen") if draw.random() < 0.5 else kin(draw, "gen")
        verb = find_verb(stem)
        yield pair(f"{owner} {pick(draw, ('', 'dün ', 'bugün '))}_ {pick(draw, nouns(things)).text} {pick(draw, predicates)}",
                   nonfinite(verb, "dik", 3), nonfinite(verb, "en"))  # fmt: skip
        place, stem, things = pick(draw, _MOVED)
        verb = find_verb(stem)
        yield pair(f"{place} _ {pick(draw, nouns(things)).text} {pick(draw, _MOVED_SAID)}", nonfinite(verb, "en"),
                   nonfinite(verb, "dik", 3))  # fmt: skip


_KNOWN = ("duydu", "biliyor", "gördü", "unuttu", "anladı", "bilmiyordu", "hatırladı")
_EMBEDDED = ((1, 2), (2, 1), (4, 5), (5, 4), (1, 4), (4, 1), (2, 5), (5, 2), (1, 3), (4, 3), (3, 1), (3, 4))


def embedded_agreement(draw: Random) -> Pairs:
    """Annem benim geldiğimi duydu → annem benim geldiğini duydu."""
    while True:
        for right, wrong in _EMBEDDED:
            phrase, stem = pick(draw, ACTIONS)
            verb = find_verb(stem)
            owner = pick(draw, NAMES) if right == 3 else PRONOUNS[right]
            yield pair(f"{kin(draw)} {owner.form('gen')} {phrase} _ {pick(draw, _KNOWN)}",
                       nonfinite(verb, "dik", right, "acc"), nonfinite(verb, "dik", wrong, "acc"))  # fmt: skip


def embedded_subject(draw: Random) -> Pairs:
    """Ben Ali'nin geldiğini duydum → ben Ali geldiğini duydum, and Ali dün geldi → Ali'nin dün geldi."""
    while True:
        who, prefix = _whom(draw)
        phrase, stem = pick(draw, ACTIONS)
        verb = find_verb(stem)
        yield pair(f"ben _ {phrase} {nonfinite(verb, 'dik', 3, 'acc')} {pick(draw, ('duydum', 'biliyorum', 'gördüm', 'unuttum'))}",
                   who.form(f"{prefix}gen"), who.form(f"{prefix}nom"))  # fmt: skip
        who, prefix = _whom(draw)
        phrase, stem = pick(draw, ACTIONS)
        yield pair(f"_ {pick(draw, PAST_TIMES)} {phrase} {said(stem, 'past')}", who.form(f"{prefix}nom"),
                   who.form(f"{prefix}gen"))  # fmt: skip


def _whom(draw: Random) -> tuple[Name | Noun | Pronoun, str]:
    return (pick(draw, NAMES), "") if draw.random() < 0.6 else (pick(draw, KIN), "1.")


_PASTIMES = (
    ("kitap", "oku"), ("resim", "çiz"), ("şarkı", "söyle"), ("gitar", "çal"), ("yemek", "pişir"), ("film", "izle"),
    ("mektup", "yaz"), ("denizde", "yüz"), ("bisiklete", "bin"), ("sahilde", "yürü"), ("erken", "kalk"), ("ders", "çalış"),
)  # fmt: skip
_INFINITIVE = (
    ("acc", "dat", "çok_seviyor bitirdi hiç_sevmiyor istemiyor unuttu özledi"),
    ("dat", "acc", "başladı devam_ediyor karar_verdi alıştı başlayacak"),
    ("acc", "abl", "çok_seviyor bitirdi unuttu hiç_sevmiyor"),
    ("abl", "acc", "hoşlanıyor vazgeçti çok_hoşlanıyor hiç_hoşlanmıyor sıkıldı"),
    ("dat", "abl", "karar_verdi alıştı"),
    ("abl", "dat", "hoşlanıyor vazgeçti çok_hoşlanıyor hiç_hoşlanmıyor"),
)  # fmt: skip


def infinitive_government(draw: Random) -> Pairs:
    """Okumayı seviyor → okumaya seviyor, okumaktan hoşlanıyor → okumayı hoşlanıyor."""
    while True:
        for right, wrong, verbs in _INFINITIVE:
            phrase, stem = pick(draw, _PASTIMES)
            yield pair(f"{someone(draw)} {phrase} _ {pick(draw, verbs.split()).replace('_', ' ')}",
                       _infinitive(stem, right), _infinitive(stem, wrong))  # fmt: skip


def _infinitive(stem: str, case: str) -> str:
    return nonfinite(find_verb(stem), "mek" if case == "abl" else "me", case=case)
