"""Errors around the verb: person, tense, question, negation, wishes, and the case a verb asks for.

Both members of every pair are words of the language, and in nearly every phenomenon each is right where the other is
wrong. What it leaves out: o with the verb of onlar and the reverse, which Turkish allows; verbs that take two cases
in two meanings (konuş-, duy-, bekle-).
"""

from collections.abc import Iterator
from random import Random

from fidan.corpus.synthetic.lexicon import find_verb
from fidan.corpus.synthetic.nouns import Nominal, particle
from fidan.corpus.synthetic.phonology import attach
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
    "mutlu", "yorgun", "üzgün", "heyecanlı", "şaşkın", "sabırlı", "meraklı", "cesur", "dikkatli", "güçlü", "sessiz",
    "neşeli", "kibar",
)  # fmt: skip
_CALLINGS = ("öğretmen", "doktor", "aşçı", "ressam", "şoför", "terzi", "marangoz", "berber", "öğrenci", "çiftçi")


def copula_agreement(draw: Random) -> Pairs:
    """Ben çok mutluyum → ben çok mutlusun."""
    while True:
        for right, wrong in _SPOKEN:
            kind = draw.random()
            if 4 not in (right, wrong) and kind < 0.5:  # "We are a good doctor" is odd by itself.
                template, predicate, tense = "çok iyi bir", pick(draw, _CALLINGS), "pres"
                template = pick(draw, (template, "iyi kalpli bir", "genç bir", "ünlü bir"))
            elif kind < 0.75:
                template, predicate, tense = "bugün çok", pick(draw, _STATES), "pres"
            else:
                template, predicate, tense = f"{pick(draw, PAST_TIMES)} çok", pick(draw, _STATES), "past"
            good, bad = copula(predicate, tense, right), copula(predicate, tense, wrong)
            yield pair(f"{subject(draw, right)} {template} _", good, bad)


# Verbs with the case they take and one that is wrong in every reading. Not here: "Ali'den bekledi" (expected it of
# Ali), "Ali'ye beğendi" (liked it for Ali), "Ali'den çok seviyor" (more than Ali), "Ali'ye özür diledi" (often said).
_GOVERNED = (
    ("acc", "dat", "sevdi affetti uyandırdı kurtardı koruyor çok_seviyor alkışladı takip_etti"),
    ("dat", "acc", "yardım_etti inandı güvendi sarıldı gülümsedi çok_kızdı yaklaştı teşekkür_etti seslendi"),
    ("abl", "acc", "korktu hoşlandı vazgeçti uzaklaştı korkuyor çok_hoşlanıyor özür_diledi"),
    ("acc", "abl", "sevdi affetti alkışladı uyandırdı seviyor"),
    ("abl", "dat", "hoşlandı vazgeçti hiç_hoşlanmadı çok_hoşlanıyor"),
    ("dat", "abl", "yardım_etti inandı güvendi sarıldı teşekkür_etti güveniyor"),
    ("ins", "acc", "tanıştı buluştu karşılaştı barıştı kavga_etti sohbet_etti"),
    ("acc", "abl", "alkışlamadı affetmedi sevmedi uyandırmadı"),
)
_WHOM = nouns("komşu öğrenci bekçi çiftçi terzi yolcu")


def verb_government(draw: Random) -> Pairs:
    """Ali'ye yardım etti → Ali'yi yardım etti."""
    while True:
        for right, wrong, verbs in _GOVERNED:
            kind = draw.random()
            whom: Nominal = pick(draw, NAMES) if kind < 0.5 or right == "ins" else pick(draw, _WHOM)
            whom = PRONOUNS[pick(draw, (2, 5))] if kind > 0.8 and right != "ins" else whom
            verb = pick(draw, verbs.split()).replace("_", " ")
            time = "" if "yor" in verb else pick(draw, ("", "dün ", "geçen gün "))
            yield pair(f"{kin(draw)} {time}_ {verb}", whom.form(right), whom.form(wrong))


_GOALS = (
    (nouns("okul park pazar müze kütüphane köy orman bahçe çarşı hastane sahil"), "gitti gidiyor gidecek"),
    (nouns("park müze okul köy sahil kütüphane"), "çocukları_götürdü çocukları_götürecek bizi_götürdü"),
    (nouns("otobüs tren vapur araba taksi uçak gemi"), "bindi biniyor binecek"),
    (nouns("oda mutfak salon ev"), "girdi giriyor girecek"),
)
_PLACES = (
    (nouns("park bahçe orman sahil köy ev"), "oynadı dinlendi oynuyor dinleniyor dolaştı dolaşıyor"),
    (nouns("kütüphane okul ev bahçe oda"), "ders_çalıştı ders_çalışıyor uyudu uyuyor"),
    (nouns("park okul kütüphane müze çarşı sahil"), "arkadaşlarla_buluştu arkadaşlarla_buluşacak"),
    (nouns("otobüs tren vapur uçak gemi"), "uyudu uyuyor uyuyacak"),
)


def goal_and_place(draw: Random) -> Pairs:
    """Okula gitti → okulda gitti, and parkta oynadı → parka oynadı."""
    while True:
        for table, right, wrong in ((_GOALS, "dat", "loc"), (_PLACES, "loc", "dat")):
            places, verbs = pick(draw, table)
            place, verb = pick(draw, places), pick(draw, verbs.split())
            *before, last = verb.split("_")
            times = FUTURE_TIMES if last.endswith(("acak", "ecek")) else PAST_TIMES
            time = "şimdi" if last.endswith("yor") else pick(draw, times)
            template = " ".join([someone(draw), time, *before, "_", last])
            if before == ["ders"]:  # an object without a case stays at its verb
                template = f"{someone(draw)} {time} _ ders {last}"
            yield pair(template, place.form(right), place.form(wrong))


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
    ("çocukları", "uyandır"), ("misafirleri", "karşıla"), ("kutuyu", "taşı"), ("kitabı", "oku"),
    ("pencereyi", "kapat"),
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


# Tense and person so that each member is as often the longer one: in the past it is the wrong one, in the other
# tenses with ben and biz the right one, with sen and siz neither.
_ASKED = (
    ("past", 2), ("prog", 1), ("prog", 2), ("past", 1), ("fut", 4), ("fut", 2), ("past", 4), ("prog", 4), ("prog", 5),
    ("past", 2), ("fut", 1), ("fut", 5),
)  # fmt: skip
_ENDINGS = {1: "yIm", 2: "sIn", 4: "yIz"}


def question_person(draw: Random) -> Pairs:
    """Geliyor musun? → geliyorsun mu?, and geldin mi? → geldi misin?"""
    while True:
        for tense, person in _ASKED:
            phrase, stem = pick(draw, ACTIONS)
            good = said(stem, tense, person, question=True)
            if tense == "past":
                time = pick(draw, PAST_TIMES)
                bad = attach(said(stem, "past", 3, question=True), _ENDINGS[person])
            else:
                time = pick(draw, FUTURE_TIMES) if tense == "fut" else "şimdi"
                verb = said(stem, tense, person)
                bad = f"{verb} {particle(verb, 'mI')}"
            yield pair(f"{time} {phrase} _?", good, bad)


_EVERY = (
    ("her şeyi", "hiçbir şeyi", "anla gör bil unut anlat hatırla", ("past", "prog")),
    ("her soruyu", "hiçbir soruyu", "çöz anla sor oku", ("past", "prog")),
    ("her kitabı", "hiçbir kitabı", "oku beğen bul", ("past", "prog")),
    ("her yere", "hiçbir yere", "git bak koş", ("past", "prog", "fut")),
    ("herkesi", "hiç kimseyi", "gör ara bekle çağır", ("past", "prog", "fut")),
    ("herkese", "hiç kimseye", "inan güven kız sarıl", ("past", "prog")),
    ("her zaman", "hiçbir zaman", "gül ağla üşü konuş", ("aor", "aor")),
    ("her yerde", "hiçbir yerde", "uyu konuş çalış dur", ("aor", "aor")),
)  # fmt: skip
_EVERYBODY = nouns("çocuk öğrenci misafir yolcu komşu çiftçi arkadaş")


def negative_polarity(draw: Random) -> Pairs:
    """Hiçbir şeyi anlamadı → hiçbir şeyi anladı, and her şeyi anladı → hiçbir şeyi anladı."""
    while True:
        _, none, stems, tenses = pick(draw, _EVERY)
        stem, tense, person = pick(draw, stems.split()), pick(draw, tenses), pick(draw, (1, 3, 3, 3, 4))
        who = someone(draw) if person == 3 else PRONOUNS[person].form("nom")
        yield pair(f"{who} {none} _", said(stem, tense, person, negative=True), said(stem, tense, person))
        every, none, stems, tenses = pick(draw, _EVERY)
        verb = said(pick(draw, stems.split()), pick(draw, tenses))
        yield pair(f"{someone(draw)} _ {verb}", every, none)
        (phrase, stem), each, time = pick(draw, ACTIONS), pick(draw, _EVERYBODY).text, pick(draw, PAST_TIMES)
        yield pair(f"hiçbir {each} {time} {phrase} _", said(stem, "past", negative=True), said(stem, "past"))
        (phrase, stem), each, time = pick(draw, ACTIONS), pick(draw, _EVERYBODY).text, pick(draw, PAST_TIMES)
        yield pair(f"_ {each} {time} {phrase} {said(stem, 'past')}", "her", "hiçbir")


_SOMEWHERE = (
    (
        ("evde", "mutfakta", "dolapta", "pazarda", "burada", "köyde"),
        "ekmek süt çay elma şeker yumurta peynir su sebze",
    ),
    (("çantada", "masada", "okulda", "odada", "burada", "rafta"), "kitap kalem defter kutu sandalye anahtar"),
)
_SO = (
    (("hava",), "soğuk sıcak güzel"), (("bu soru", "bu oyun"), "kolay zor uzun"),
    (("bu ev", "bu oda", "bu bahçe", "bu okul", "bu masa"), "büyük güzel temiz"),
    (("bu film", "bu kitap", "bu masal"), "uzun güzel kolay"), (("bu şehir", "bu köy"), "uzak güzel büyük temiz"),
    (("annem", "babam", "Ali", "Ayşe", "kardeşim", "öğretmenimiz"), "mutlu yorgun üzgün çalışkan sabırlı şaşkın"),
)  # fmt: skip


def absence_and_negation(draw: Random) -> Pairs:
    """Evde hiç süt yok → evde hiç süt değil, and hava hiç soğuk değil → hava hiç soğuk yok."""
    while True:
        places, things = pick(draw, _SOMEWHERE)
        time, tail = pick(draw, (("", ""), ("bugün ", ""), ("dün ", "past")))
        absent, negated = ("yoktu", "değildi") if tail else ("yok", "değil")
        yield pair(f"{time}{pick(draw, places)} hiç {pick(draw, things.split())} _", absent, negated)
        subjects, qualities = pick(draw, _SO)
        time, tail = pick(draw, (("", ""), ("", "past"), ("eskiden ", "past")))
        absent, negated = ("yoktu", "değildi") if tail else ("yok", "değil")
        yield pair(f"{time}{pick(draw, subjects)} hiç {pick(draw, qualities.split())} _", negated, absent)
