"""Errors of sound: harmony, assimilation, softening, lost vowels, buffer consonants, and the harmony of particles.

The bad form is a word that Turkish does not have. Where a rule is broken in either direction (kitabı → kitapı, topu →
tobu) both are made in turn. What it leaves out: bad forms that the recogniser knows as another word.
"""

from collections.abc import Iterator
from random import Random

from fidan.corpus.synthetic.nouns import Noun, particle
from fidan.corpus.synthetic.phonology import attach, last_vowel
from fidan.corpus.synthetic.recognizer import readings
from fidan.corpus.synthetic.sentences import pick
from fidan.evaluation.grammar.words import (
    ACTIONS,
    FUTURE_TIMES,
    NAMES,
    PAST_TIMES,
    PRONOUNS,
    kin,
    nouns,
    pair,
    said,
    someone,
)

Pairs = Iterator[tuple[str, str]]

_BACK_AND_FRONT = {"a": "e", "e": "a"}
_D_AND_T = {"d": "t", "t": "d"}
_SOFT_OF = {"p": "b", "ç": "c", "t": "d", "k": "ğ"}
_PLACES = nouns("masa kutu sepet dolap raf mutfak çanta salon oda bahçe balkon koltuk sandık çekmece kulübe çadır")
_BACK = ("dün", "geç", "erken", "yeni", "dün akşam", "biraz önce")
_SMALL = nouns("kitap kalem defter anahtar şapka mektup yüzük gözlük bilet kumbara makas top ayna havlu")
_GOALS = nouns("okul pazar çarşı kütüphane meydan müze istasyon iskele fırın bakkal köy orman sahil göl")
_MANY = nouns(
    "elma armut kiraz portakal ceviz kitap defter kalem bardak tabak kutu çiçek anahtar kaşık yumurta biber"
)
_OBJECTS: tuple[tuple[str, tuple[Noun, ...]], ...] = (
    ("oku", nouns("mektup hikâye masal gazete kitap şiir roman")),
    ("ye", nouns("elma armut muz portakal üzüm köfte börek simit kurabiye pasta peynir")),
    ("iç", nouns("süt çay çorba limonata")),
    ("aç", nouns("kapı pencere kutu dolap çanta sandık")),
    ("temizle", nouns("oda mutfak salon masa halı balkon bahçe")),
    ("bul", nouns("anahtar kalem şapka bilet yüzük gözlük kolye defter top makas")),
    ("kaybet", nouns("anahtar kalem şapka bilet yüzük gözlük kolye defter top makas")),
    ("taşı", nouns("sandık masa koltuk dolap kova sepet merdiven")),
)
_SOFTENED: tuple[tuple[str, tuple[Noun, ...]], ...] = (
    ("oku", nouns("kitap mektup")),
    ("ye", nouns("ekmek börek çilek balık yoğurt kabak armut fındık")),
    ("bul", nouns("yüzük gözlük çekiç yastık bardak kaşık düdük")),
    ("taşı", nouns("dolap sandık koltuk yatak ağaç")),
    ("gör", nouns("çocuk köpek kelebek geyik uçak bayrak ördek")),
    ("beğen", nouns("renk köpek bardak yatak koltuk")),
)
_UNSOFTENED: tuple[tuple[str, tuple[Noun, ...]], ...] = (
    ("bul", nouns("top ip sepet bilet ok paket")),
    ("iç", nouns("süt")),
    ("ye", nouns("kek et")),
    ("taşı", nouns("sepet paket top")),
    ("gör", nouns("park bisiklet bank robot market")),
    ("beğen", nouns("ceket bisiklet bot robot park")),
    ("al", nouns("top sepet bilet ceket ip")),
)
_DROPPED: tuple[tuple[str, tuple[Noun, ...]], ...] = (
    ("gör", nouns("şehir nehir resim şekil")),
    ("beğen", nouns("resim fikir isim şehir")),
    ("unut", nouns("isim fikir resim şehir")),
    ("çiz", nouns("resim şekil nehir")),
    ("oku", nouns("isim")),
)
_KEPT: tuple[tuple[str, tuple[Noun, ...]], ...] = (
    ("gör", nouns("çadır yıldız bulut kadın")),
    ("beğen", nouns("oyun sabun kavun")),
    ("unut", nouns("sabun oyun peynir")),
    ("ye", nouns("kavun zeytin peynir")),
    ("çiz", nouns("yıldız bulut çadır")),
    ("al", nouns("sabun altın kömür kavun")),
)
_OWNED_DROPPED = (
    (nouns("burun ağız"), ("çok küçük", "çok güzel", "ağrıyor")),
    (nouns("isim fikir resim oğul"), ("çok güzel", "çok güzeldi", "herkesi güldürdü")),
    (nouns("oğul"), ("çok çalışkan", "dün geldi", "okula gidiyor")),
)
_OWNED_KEPT = (
    (nouns("oyun"), ("çok güzel", "çok uzun sürdü", "bitti")),
    (nouns("çadır sabun"), ("çok güzel", "kayboldu", "çok küçük")),
    (nouns("altın"), ("çok değerli", "kayboldu", "çantada duruyor")),
)
_OWNED = nouns("kapı araba çanta kedi oda kutu şapka kolye masa bahçe")


def _unknown(pairs: Pairs) -> Pairs:
    for good, bad in pairs:
        wrong = set(bad[:-1].split()) - set(good[:-1].split())
        if not any(readings(word) for word in wrong):
            yield good, bad


def _changed(form: str, stem: str, swap: dict[str, str]) -> str:
    """Swap the first letter after `stem` that `swap` knows."""
    for index in range(len(stem), len(form)):
        if form[index] in swap:
            return form[:index] + swap[form[index]] + form[index + 1 :]
    raise ValueError(f"{form!r} has no letter to swap after {stem!r}")


def _acted(draw: Random, table: tuple[tuple[str, tuple[Noun, ...]], ...]) -> tuple[str, Noun]:
    """A template with a gap for the object, and the object."""
    stem, objects = pick(draw, table)
    tense, time = pick(draw, (("past", pick(draw, PAST_TIMES)), ("fut", pick(draw, FUTURE_TIMES)), ("past", "")))
    return " ".join(f"{someone(draw)} {time} _ {said(stem, tense)}".split()), pick(draw, objects)


def two_way_harmony(draw: Random) -> Pairs:
    """-DA, -(y)A, -DAn, -lAr: masada → masade."""
    return _unknown(_two_way_harmony(draw))


def _two_way_harmony(draw: Random) -> Pairs:
    while True:
        template, word, case = pick(draw, (
            (f"{pick(draw, _SMALL).form('1')} _ duruyor", pick(draw, _PLACES), "loc"),
            (f"{someone(draw)} {pick(draw, PAST_TIMES)} _ gitti", pick(draw, _GOALS), "dat"),
            (f"{someone(draw)} _ {pick(draw, _BACK)} döndü", pick(draw, _GOALS), "abl"),
            (f"{pick(draw, _PLACES[:6]).form('loc')} _ var", pick(draw, _MANY), "pl"),
        ))  # fmt: skip
        form = word.form(case)
        yield pair(template, form, _changed(form, word.text, _BACK_AND_FRONT))


def four_way_harmony(draw: Random) -> Pairs:
    """-(y)I and -DI: okulu → okuli, geldi → geldı."""
    return _unknown(_four_way_harmony(draw))


def _four_way_harmony(draw: Random) -> Pairs:
    while True:
        if draw.random() < 0.6:
            template, word = _acted(draw, _OBJECTS)
            good, stem = word.form("acc"), word.text
        else:
            phrase, stem = pick(draw, ACTIONS)
            template, good = f"{someone(draw)} {pick(draw, PAST_TIMES)} {phrase} _", said(stem, "past")
        swap = dict(zip("ıiuü", pick(draw, ("iıüu", "uüıi")), strict=True))
        yield pair(template, good, _changed(good, stem, swap))


def assimilation(draw: Random) -> Pairs:
    """d after a voiced sound, t after a voiceless one: kitapta → kitapda, geldi → gelti."""
    return _unknown(_assimilation(draw))


def _assimilation(draw: Random) -> Pairs:
    while True:
        if draw.random() < 0.6:
            template, word, case = pick(draw, (
                (f"{pick(draw, _SMALL).form('1')} _ duruyor", pick(draw, _PLACES), "loc"),
                (f"{someone(draw)} _ {pick(draw, _BACK)} döndü", pick(draw, _GOALS), "abl"),
            ))  # fmt: skip
            good, stem = word.form(case), word.text
        else:
            phrase, stem = pick(draw, ACTIONS)
            template, good = f"{someone(draw)} {pick(draw, PAST_TIMES)} {phrase} _", said(stem, "past")
        yield pair(template, good, _changed(good, stem, _D_AND_T))


def softening(draw: Random) -> Pairs:
    """kitabı → kitapı, and the other way where nothing softens: topu → tobu."""
    return _unknown(_softening(draw))


def _softening(draw: Random) -> Pairs:
    while True:
        template, word = _acted(draw, _SOFTENED)
        yield pair(template, word.form("acc"), attach(word.text, "I"))
        template, word = _acted(draw, _UNSOFTENED)
        stem = word.text[:-1] + ("g" if word.text.endswith("nk") else _SOFT_OF[word.text[-1]])
        yield pair(template, word.form("acc"), attach(word.text, "I", before_vowel=stem))


def vowel_loss(draw: Random) -> Pairs:
    """burnu → burunu, and the other way where no vowel is lost: sabunu → sabnu."""
    return _unknown(_vowel_loss(draw))


def _vowel_loss(draw: Random) -> Pairs:
    while True:
        for acted, owned in ((_DROPPED, _OWNED_DROPPED), (_KEPT, _OWNED_KEPT)):
            if draw.random() < 0.5:
                template, word = _acted(draw, acted)
                good, suffix = word.form("acc"), "I"
            else:
                words, predicates = pick(draw, owned)
                word = pick(draw, words)
                template = f"{pick(draw, NAMES).form('gen')} _ {pick(draw, predicates)}"
                good, suffix = word.form("3"), "(s)I"
            shorter = word.text[:-2] + word.text[-1]
            bad = attach(word.text, suffix, before_vowel=None if acted is _DROPPED else shorter)
            yield pair(template, good, bad)


def buffer_consonant(draw: Random) -> Pairs:
    """n, s and y between vowels: kapının → kapıyın, evine → eviye, suyu → susu."""
    return _unknown(_buffer_consonant(draw))


def _buffer_consonant(draw: Random) -> Pairs:
    while True:
        owner = pick(draw, NAMES).form("gen")
        word = pick(draw, _OWNED)
        kind = draw.random()
        if kind < 0.35:
            case, verb = pick(draw, (("acc", "gördü"), ("acc", "beğendi"), ("acc", "çok seviyor"), ("dat", "baktı"),
                                     ("dat", "bakıyor"), ("dat", "yaklaştı")))  # fmt: skip
            good = word.form(f"3.{case}")
            yield pair(f"{kin(draw)} {owner} _ {verb}", good, f"{good[:-2]}y{good[-1]}")
        elif kind < 0.7:
            owned, said_of = pick(draw, (("rengi", "çok güzel"), ("fiyatı", "çok yüksek"), ("kokusu", "çok güzel"),
                                         ("resmi", "duvarda duruyor"), ("sahibi", "henüz gelmedi")))  # fmt: skip
            good = word.form("gen")
            yield pair(f"{pick(draw, ('bu', 'o', 'küçük', 'eski', 'yeni'))} _ {owned} {said_of}", good,
                       f"{good[:-3]}y{good[-2:]}")  # fmt: skip
        else:
            good, bad = pick(draw, (("suyu", "susu"), ("suyun", "susun"), ("suya", "susa")))
            tail = {"suyu": ("içti", "döktü", "ısıttı", "içecek"), "suyun": ("tadını beğendi", "sesini dinledi"),
                    "suya": ("atladı", "düştü", "girdi")}[good]  # fmt: skip
            yield pair(
                f"{someone(draw)} {pick(draw, ('soğuk', 'temiz', 'sıcak', 'bu'))} _ {pick(draw, tail)}", good, bad
            )


_ASKED = ("mı", "mi", "mu", "mü")


def question_particle_harmony(draw: Random) -> Pairs:
    """Geldi mi? → Geldi mu?"""
    while True:
        phrase, stem = pick(draw, ACTIONS)
        tense = pick(draw, ("past", "fut", "mis"))
        time = pick(draw, FUTURE_TIMES if tense == "fut" else PAST_TIMES)
        verb = said(stem, tense)
        good = particle(verb, "mI")
        bad = pick(draw, [shape for shape in _ASKED if shape != good])
        yield pair(f"{someone(draw)} {time} {phrase} {verb} _?", good, bad)


def additive_particle_harmony(draw: Random) -> Pairs:
    """Ben de geldim → Ben da geldim."""
    while True:
        phrase, stem = pick(draw, ACTIONS)
        person = pick(draw, (1, 2, 3, 3, 3, 3, 4, 5))
        who = someone(draw) if person == 3 else PRONOUNS[person].form("nom")
        tense = pick(draw, ("past", "fut"))
        time = pick(draw, FUTURE_TIMES if tense == "fut" else PAST_TIMES)
        good, bad = ("da", "de") if last_vowel(who) in "aıou" else ("de", "da")
        yield pair(f"{who} _ {time} {phrase} {said(stem, tense, person)}", good, bad)
