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
    ("erken", "gel"), ("yarın", "gel"), ("çok", "çalış"), ("hızlı", "yürü"), ("onu", "bekle"),
    ("dikkatle", "dinle"), ("kapıyı", "aç"), ("yavaş", "konuş"), ("evde", "kal"), ("bu kitabı", "oku"),
    ("erken", "kalk"), ("ona", "sor"),
)  # fmt: skip
_THEN = ("annem çok sevinir", "her şey daha kolay olur", "babam kızmaz", "herkes mutlu olur", "işimiz kolay olur",
         "kimse üzülmez", "öğretmenimiz çok sevinir")  # fmt: skip
_BECAUSE = (
    ("seviniyor", (("her sabah", "erken", "kalk"), ("her akşam", "kitap", "oku"), ("her zaman", "çok", "çalış"),
                   ("her hafta", "buraya", "gel"), ("her gün", "şarkı", "söyle"), ("her zaman", "erken", "gel"))),
    ("kızıyor", (("her gün", "geç", "kal"), ("her akşam", "geç", "yat"), ("her zaman", "çok", "konuş"),
                 ("her zaman", "yavaş", "yürü"), ("her sabah", "geç", "kalk"), ("her gün", "parka", "git"))),
)  # fmt: skip


def condition(draw: Random) -> Pairs:
    """Eğer gelirsen … → eğer gelirsin …, and çünkü gelirsin → çünkü gelirsen."""
    while True:
        for person in (1, 2, 2, 4, 5, 3):
            how, stem = pick(draw, _IF)
            good, bad = said(stem, "aorcond", person), said(stem, "aor", person)
            yield pair(f"eğer {_who(draw, person)} {how} _ {pick(draw, _THEN)}", good, bad)
            feels, habits = pick(draw, _BECAUSE)
            often, phrase, stem = pick(draw, habits)
            good, bad = said(stem, "aor", person), said(stem, "aorcond", person)
            yield pair(f"{kin(draw)} {feels} çünkü {_who(draw, person)} {often} {phrase} _", good, bad)


def _who(draw: Random, person: int) -> str:
    return pick(draw, NAMES).text if person == 3 else PRONOUNS[person].form("nom")


_MADE = (
    ("pişir", nouns("çorba yemek köfte börek pasta"), ("çok lezzetliydi", "soğudu", "masada duruyor")),
    ("yaz", nouns("mektup şiir hikâye kitap"), ("çok güzel", "çok uzun", "masada duruyor")),
    ("çiz", nouns("resim harita"), ("çok güzel", "duvarda duruyor", "kayboldu")),
    ("al", nouns("çanta şapka kitap ceket kalem"), ("çok güzel", "çok pahalı", "kayboldu")),
    ("söyle", nouns("şarkı"), ("çok güzeldi", "çok uzundu")),
    ("anlat", nouns("masal hikâye"), ("çok güzel", "çok uzun", "çok komik")),
    ("bul", nouns("anahtar yüzük kolye"), ("çok eski", "masada duruyor", "çok değerli")),
)
# Things that nobody can do this with, to, in or from: "uçtuğu balon" may be the balloon somebody flew in.
_MOVED = (
    ("ağaçtan", "düş", nouns("elma yaprak armut")), ("gökyüzünde", "parla", nouns("yıldız güneş ay")),
    ("denizden", "es", nouns("rüzgâr")), ("yere", "düş", nouns("vazo bardak tabak")),
    ("yavaşça", "sön", nouns("ateş")),
    ("masada", "dur", nouns("vazo kutu kitap çanta lamba")), ("duvarda", "dur", nouns("harita resim ayna")),
    ("dün gece", "yağ", nouns("kar yağmur")), ("ocakta", "piş", nouns("çorba yemek köfte")),
    ("bahçede", "eri", nouns("kar buz")), ("sıcaktan", "sol", nouns("çiçek gül lale")),
    ("rafta", "dur", nouns("kitap vazo kutu defter")), ("dolapta", "dur", nouns("pasta peynir kazak ceket")),
)  # fmt: skip
_MOVED_SAID = ("çok güzeldi", "dikkatimi çekti", "bana çok güzel geldi", "herkesin dikkatini çekti")


def relative_clause(draw: Random) -> Pairs:
    """Annemin pişirdiği çorba → annemin pişiren çorba, and düşen elma → düştüğü elma."""
    while True:
        stem, things, predicates = pick(draw, _MADE)
        owner = pick(draw, NAMES).form("gen") if draw.random() < 0.5 else kin(draw, "gen")
        own, other = nonfinite(find_verb(stem), "dik", 3), nonfinite(find_verb(stem), "en")
        time = pick(draw, ("", "dün ", "bugün "))
        yield pair(f"{owner} {time}_ {pick(draw, things).text} {pick(draw, predicates)}", own, other)
        place, stem, things = pick(draw, _MOVED)
        own, other = nonfinite(find_verb(stem), "en"), nonfinite(find_verb(stem), "dik", 3)
        yield pair(f"{place} _ {pick(draw, things).text} {pick(draw, _MOVED_SAID)}", own, other)


_KNOWN = ("duydu", "biliyor", "gördü", "unuttu", "anladı", "bilmiyordu", "hatırladı")
_EMBEDDED = ((1, 2), (2, 1), (4, 5), (5, 4), (1, 4), (4, 1), (1, 3), (3, 1), (4, 3), (3, 4))


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
        genitive, bare = who.form(f"{prefix}gen"), who.form(f"{prefix}nom")
        phrase, stem = pick(draw, ACTIONS)
        event = nonfinite(find_verb(stem), "dik", 3, "acc")
        known = pick(draw, ("duydum", "biliyorum", "gördüm", "unuttum"))
        yield pair(f"ben _ {phrase} {event} {known}", genitive, bare)
        who, prefix = _whom(draw)
        genitive, bare = who.form(f"{prefix}gen"), who.form(f"{prefix}nom")
        phrase, stem = pick(draw, ACTIONS)
        yield pair(f"_ {pick(draw, PAST_TIMES)} {phrase} {said(stem, 'past')}", bare, genitive)


def _whom(draw: Random) -> tuple[Name | Noun | Pronoun, str]:
    return (pick(draw, NAMES), "") if draw.random() < 0.6 else (pick(draw, KIN), "1.")


_PASTIMES = (
    ("kitap", "oku"), ("resim", "çiz"), ("mektup", "yaz"), ("yemek", "pişir"), ("film", "izle"), ("ders", "çalış"),
    ("şarkı", "söyle"), ("gitar", "çal"), ("denizde", "yüz"), ("bisiklete", "bin"), ("sahilde", "yürü"),
    ("erken", "kalk"),
)  # fmt: skip
_FINISHED = _PASTIMES[:6]  # what has an end
# Not "okumaktan çok seviyor": more than reading.
_INFINITIVE = (
    ("acc", "dat", "çok_seviyor bitirdi hiç_sevmiyor istemiyor unuttu"),
    ("dat", "acc", "başladı devam_ediyor karar_verdi alıştı başlayacak"),
    ("acc", "abl", "seviyor bitirdi unuttu hiç_sevmiyor istemedi"),
    ("abl", "acc", "hoşlanıyor vazgeçti çok_hoşlanıyor hiç_hoşlanmıyor sıkıldı"),
    ("dat", "abl", "karar_verdi alıştı alışacak"),
    ("abl", "dat", "hoşlanıyor vazgeçti çok_hoşlanıyor hiç_hoşlanmıyor"),
)


def infinitive_government(draw: Random) -> Pairs:
    """Okumayı seviyor → okumaya seviyor, okumaktan hoşlanıyor → okumayı hoşlanıyor."""
    while True:
        for right, wrong, verbs in _INFINITIVE:
            verb = pick(draw, verbs.split()).replace("_", " ")
            phrase, stem = pick(draw, _FINISHED if verb == "bitirdi" else _PASTIMES)
            yield pair(f"{someone(draw)} {phrase} _ {verb}", _infinitive(stem, right), _infinitive(stem, wrong))


def _infinitive(stem: str, case: str) -> str:
    return nonfinite(find_verb(stem), "mek" if case == "abl" else "me", case=case)
