"""Errors around the verb: person, tense, question, negation, wishes, and the case a verb asks for.

Both members of every pair are words of the language, and in nearly every phenomenon each is right where the other is
wrong. What it leaves out: o with the verb of onlar and the reverse, which Turkish allows; verbs that take two cases in
two meanings (konuş-, kork- with an infinitive, başla-).
"""

from collections.abc import Iterator
from random import Random

from fidan.corpus.synthetic.lexicon import find_verb
from fidan.corpus.synthetic.sentences import pick
from fidan.corpus.synthetic.verbs import copula, finite
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
    subject,
)

Pairs = Iterator[tuple[str, str]]

# Ordered (right, wrong): each person is as often right as wrong.
_PERSONS = (
    (1, 2),
    (2, 1),
    (4, 5),
    (5, 4),
    (1, 4),
    (4, 1),
    (2, 5),
    (5, 2),
    (1, 3),
    (3, 1),
    (3, 4),
    (4, 3),
    (2, 3),
    (3, 2),
)
_SPOKEN = tuple((right, wrong) for right, wrong in _PERSONS if 3 not in (right, wrong))


def _timed(draw: Random) -> tuple[str, str]:
    """A tense and an adverb of time that goes with it."""
    return pick(draw, (("past", pick(draw, PAST_TIMES)), ("fut", pick(draw, FUTURE_TIMES)), ("prog", "şimdi"),
                       ("prog", "bugün"), ("aor", "her gün"), ("prog", "her sabah")))  # fmt: skip


def subject_agreement(draw: Random) -> Pairs:
    """Ben gittim → ben gittin."""
    while True:
        for right, wrong in _PERSONS:
            (tense, time), (phrase, stem) = _timed(draw), pick(draw, ACTIONS)
            yield pair(
                f"{subject(draw, right)} {time} {phrase} _", said(stem, tense, right), said(stem, tense, wrong)
            )


_STATES = (
    "mutlu", "yorgun", "üzgün", "heyecanlı", "şaşkın", "sabırlı", "meraklı", "cesur", "dikkatli", "çalışkan", "akıllı",
    "güçlü", "sessiz", "neşeli", "kibar",
)  # fmt: skip
_CALLINGS = ("öğretmen", "doktor", "aşçı", "ressam", "şoför", "terzi", "arkadaş", "komşu", "öğrenci", "çiftçi")


def copula_agreement(draw: Random) -> Pairs:
    """Ben çok mutluyum → ben çok mutlusun."""
    while True:
        for right, wrong in _SPOKEN:
            template, predicate, tense = pick(draw, (
                ("bugün çok _", pick(draw, _STATES), "pres"),
                (f"{pick(draw, PAST_TIMES[:4])} çok _", pick(draw, _STATES), "past"),
                (f"{pick(draw, ('çok iyi', 'iyi kalpli', 'genç', 'ünlü'))} bir _", pick(draw, _CALLINGS), "pres"),
            ))  # fmt: skip
            yield pair(f"{subject(draw, right)} {template}", copula(predicate, tense, right),
                       copula(predicate, tense, wrong))  # fmt: skip


# What is wrong beside each verb in every reading: "Ali'den bekledi" is "expected it of Ali", so it is not here.
_GOVERNED = (
    ("acc", "dat", "sevdi özledi gördü affetti tanıdı uyandırdı kurtardı koruyor çok_seviyor çok_beğendi"),
    ("dat", "acc", "yardım_etti inandı güvendi sarıldı gülümsedi çok_kızdı yaklaştı teşekkür_etti güveniyor seslendi"),
    ("abl", "acc", "korktu hoşlandı vazgeçti uzaklaştı korkuyor çok_hoşlanıyor hiç_hoşlanmadı özür_diledi"),
    ("acc", "abl", "sevdi özledi affetti çok_seviyor çok_özledi tanıdı öptü"),
    ("abl", "dat", "hoşlandı vazgeçti hiç_hoşlanmadı çok_hoşlanıyor"),
    ("dat", "abl", "yardım_etti inandı güvendi sarıldı gülümsedi teşekkür_etti güveniyor seslendi"),
    ("ins", "acc", "tanıştı buluştu karşılaştı barıştı kavga_etti sohbet_etti"),
    ("acc", "ins", "çok_özledi affetti"),
)  # fmt: skip


def verb_government(draw: Random) -> Pairs:
    """Ali'ye yardım etti → Ali'yi yardım etti."""
    creatures = nouns("kedi kuzu tilki kaplumbağa komşu öğrenci bekçi çiftçi")
    while True:
        for right, wrong, verbs in _GOVERNED[:6]:
            whom = pick(draw, (pick(draw, NAMES), pick(draw, creatures), PRONOUNS[pick(draw, (2, 5))]))
            verb = pick(draw, verbs.split()).replace("_", " ")
            yield pair(f"{kin(draw)} _ {verb}", whom.form(right), whom.form(wrong))
        right, wrong, verbs = _GOVERNED[6]
        whom = pick(draw, NAMES)
        verb = pick(draw, verbs.split()).replace("_", " ")
        yield pair(f"{kin(draw)} {pick(draw, PAST_TIMES)} _ {verb}", whom.form(right), whom.form(wrong))


_GOALS = nouns("okul park pazar müze kütüphane köy orman bahçe çarşı hastane sahil istasyon")
_GOING = ("gitti", "gidiyor", "gidecek", "girdi", "ulaştı", "uğradı", "yaklaştı")
_BEING = (
    "oynadı",
    "dinlendi",
    "uyudu",
    "dolaştı",
    "yaşıyor",
    "buluştu",
    "çay içti",
    "resim çizdi",
    "ders çalıştı",
    "şarkı söyledi",
)


def goal_and_place(draw: Random) -> Pairs:
    """Okula gitti → okulda gitti, and parkta oynadı → parka oynadı."""
    while True:
        place, verb = pick(draw, _GOALS), pick(draw, _GOING)
        yield pair(f"{someone(draw)} {_adverb(draw, verb)} _ {verb}", place.form("dat"), place.form("loc"))
        place, verb = pick(draw, _GOALS), pick(draw, _BEING)
        yield pair(f"{someone(draw)} {_adverb(draw, verb)} _ {verb}", place.form("loc"), place.form("dat"))


def _adverb(draw: Random, verb: str) -> str:
    if verb.endswith("ecek"):
        return pick(draw, FUTURE_TIMES)
    return "şimdi" if verb.endswith("yor") else pick(draw, PAST_TIMES)


def tense_and_time(draw: Random) -> Pairs:
    """Dün gitti → dün gidecek, and yarın gidecek → yarın gitti."""
    while True:
        for times, right, wrong in ((PAST_TIMES, "past", "fut"), (FUTURE_TIMES, "fut", "past")):
            phrase, stem = pick(draw, ACTIONS)
            person = pick(draw, (1, 3, 3, 4, 5))
            yield pair(f"{subject(draw, person)} {pick(draw, times)} {phrase} _", said(stem, right, person),
                       said(stem, wrong, person))  # fmt: skip


_CHORES = (
    ("çayı", "demle"), ("kapıyı", "aç"), ("yemeği", "pişir"), ("bulaşıkları", "yıka"), ("çiçekleri", "sula"),
    ("masayı", "hazırla"), ("odayı", "temizle"), ("mektubu", "yaz"), ("ekmeği", "al"), ("kediyi", "besle"),
    ("masalı", "anlat"), ("arabayı", "yıka"), ("soruyu", "sor"), ("resmi", "çiz"), ("şarkıyı", "söyle"),
    ("çocukları", "uyandır"), ("misafirleri", "karşıla"), ("kutuyu", "taşı"), ("kitabı", "oku"), ("pencereyi", "kapat"),
)  # fmt: skip


def wish_agreement(draw: Random) -> Pairs:
    """Çayı ben demleyeyim → çayı ben demlesin. The subject stands before the verb, where no call can stand."""
    while True:
        for right, wrong in ((1, 3), (3, 1), (4, 3), (3, 4), (1, 4), (4, 1)):
            thing, stem = pick(draw, _CHORES)
            verb = find_verb(stem)
            who = kin(draw) if right == 3 else PRONOUNS[right].form("nom")
            time = pick(draw, ("", "", "yarın ", "bugün ", "bu akşam ", "bu sefer "))
            yield pair(f"{time}{thing} {who} _", finite(verb, "opt", right), finite(verb, "opt", wrong))


def question_person(draw: Random) -> Pairs:
    """Geliyor musun? → geliyorsun mu?, and geldin mi? → geldi misin?"""
    while True:
        for person in (2, 1, 2, 4, 5):
            for tense, time in (("prog", "şimdi"), ("past", pick(draw, PAST_TIMES)), ("fut", pick(draw, FUTURE_TIMES)),
                                ("past", pick(draw, PAST_TIMES))):  # fmt: skip
                phrase, stem = pick(draw, ACTIONS)
                good = said(stem, tense, person, question=True)
                if tense == "past":
                    particle = said("gör", "prog", person, question=True).split()[1]
                    bare, asked = said(stem, "past", 3, question=True).split()
                    bad = f"{bare} {asked}{particle[2:].translate(_VOWELS[asked[1]])}"
                else:
                    verb = said(stem, tense, person)
                    vowel = [letter for letter in verb if letter in "aeıiouü"][-1]
                    bad = f"{verb} m{ {'a': 'ı', 'e': 'i'}.get(vowel, vowel) }"
                yield pair(f"{pick(draw, ('', PRONOUNS[person].form('nom') + ' '))}{time} {phrase} _?", good, bad)


# musun, muyum, muyuz, musunuz with the vowel of another particle.
_VOWELS = {vowel: str.maketrans("u", vowel) for vowel in "ıiuü"}


_EVERY = (
    ("her şeyi", "hiçbir şeyi", "anla gör bil unut anlat hatırla"),
    ("her yerde", "hiçbir yerde", "bul gör ara"),
    ("her soruyu", "hiçbir soruyu", "çöz anla sor"),
    ("her kitabı", "hiçbir kitabı", "oku beğen bul"),
    ("her yere", "hiçbir yere", "git bak koş"),
    ("herkesi", "hiç kimseyi", "gör ara bekle çağır"),
    ("herkese", "hiç kimseye", "inan güven kız sarıl"),
    ("her zaman", "hiçbir zaman", "gül ağla üşü konuş"),
)  # fmt: skip


def negative_polarity(draw: Random) -> Pairs:
    """Hiçbir şeyi anlamadı → hiçbir şeyi anladı, and her şeyi anladı → hiçbir şeyi anladı."""
    while True:
        every, none, stems = pick(draw, _EVERY)
        stem, tense = pick(draw, stems.split()), pick(draw, ("past", "prog", "fut"))
        if every == "her zaman":
            tense = "prog"
        who, person = (someone(draw), 3) if draw.random() < 0.7 else ("", pick(draw, (1, 4)))
        if not who:
            who = PRONOUNS[person].form("nom")
        yield pair(f"{who} {none} _", said(stem, tense, person, negative=True), said(stem, tense, person))
        every, none, stems = pick(draw, _EVERY)
        stem, tense = pick(draw, stems.split()), pick(draw, ("past", "prog"))
        if every == "her zaman":
            tense = "prog"
        yield pair(f"{someone(draw)} _ {said(stem, tense)}", every, none)


_ABSENT = ("ekmek", "süt", "çay", "elma", "kitap", "para", "şeker", "yumurta", "peynir", "kalem", "su", "sebze")
_SOMEWHERE = ("evde", "mutfakta", "dolapta", "masada", "çantada", "burada", "kutuda", "pazarda", "okulda", "köyde")
_NOT_SO = ("soğuk", "güzel", "kolay", "uzun", "pahalı", "sıcak", "büyük", "temiz", "zor", "mutlu", "eski", "yakın")
_THINGS = ("bu soru", "bu ev", "bu kitap", "hava", "bu oda", "bu yol", "bu film", "bu şehir", "bu bahçe", "bu masa")


def absence_and_negation(draw: Random) -> Pairs:
    """Evde hiç süt yok → evde hiç süt değil, and hava hiç soğuk değil → hava hiç soğuk yok."""
    while True:
        place, thing = pick(draw, _SOMEWHERE), pick(draw, _ABSENT)
        time, right, wrong = pick(
            draw, (("", "yok", "değil"), ("bugün ", "yok", "değil"), ("dün ", "yoktu", "değildi"))
        )
        yield pair(f"{time}{place} hiç {thing} _", right, wrong)
        time, right, wrong = pick(draw, (("", "değil", "yok"), ("bence ", "değil", "yok"),
                                         ("eskiden ", "değildi", "yoktu")))  # fmt: skip
        yield pair(f"{time}{pick(draw, _THINGS)} hiç {pick(draw, _NOT_SO)} _", right, wrong)
