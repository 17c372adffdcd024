"""Questions that are not for Turkish law at all: in another language, or on the law of another country.

The articles of the index are Turkey's, and one on rent would look like an answer to "Almanya'da kira artış sınırı
nedir?". A question counts as on foreign law where it is short, has another country (or a place that stands for its
law) in a case that says "there" or "of", or names its law ("Alman Medeni Kanunu"), and says nothing of Turkey or
Turks. In a longer one a country is part of a story ("kardeşim Almanya'da, miras …"), which is left to the reader.

A question counts as in another language where most of its letters are not Latin, or where a quarter of its words, and
at least two, are the little words of English, German, French or Spanish. What it leaves out: cities, countries that
are not in the list, and other languages in Latin letters, whose words no article has (`fidan.law.scope`).
"""

import re
import unicodedata

from fidan.turkish import fold, words

SHORT = 16  # words
_PLACES = (
    "abd amerika almanya arjantin arnavutluk avustralya avusturya azerbaycan bavyera belçika brezilya bulgaristan "
    "california kaliforniya çekya çin danimarka dubai endonezya ermenistan fas filipinler finlandiya fransa "
    "gürcistan güney_kore güney_afrika hindistan hırvatistan hollanda ırak iran irlanda iskoçya ispanya israil "
    "isveç isviçre italya izlanda japonya kanada katar kazakistan kenya kırgızistan kosova kuveyt libya litvanya "
    "lübnan lüksemburg macaristan makedonya malezya meksika mısır moldova new_york norveç özbekistan pakistan "
    "polonya portekiz romanya rusya sırbistan singapur slovakya slovenya suriye suudi_arabistan tayland teksas "
    "texas tunus ukrayna ürdün vietnam yunanistan ingiltere birleşik_krallık londra berlin paris florida "
    "kktc kuzey_kıbrıs"
).split()
_THERE = re.compile(
    rf"\b(?P<place>{'|'.join(_PLACES).replace('_', ' ')})"
    r"(?:'?(?:n?[dt][ae](?:ki\w*)?|n?[ıiuü]n|y?[ae]|l[ıi])|\s+(?:hukuk|kanun|yasa|vatandaşlı)\w*)\b"
)
# An adjective alone is not enough ("Alman vatandaşı eşim", "Türk-Alman Üniversitesi"): law must follow it.
_ADJECTIVES = (
    "alman ingiliz fransız amerikan italyan ispanyol rus yunan hollandalı belçikalı isviçreli avusturyalı isveçli "
    "japon çinli bulgar romen polonyalı macar ukraynalı azeri gürcü ermeni iranlı ıraklı suriyeli mısırlı arap "
    "kanadalı avustralyalı kıbrıs isviçre roma avusturya hollanda belçika çin isveç kanada azerbaycan iran"
).split()
_OTHERS_LAW = re.compile(
    rf"(?<![\w-])(?P<place>{'|'.join(_ADJECTIVES)})\s+"
    r"(?:(?:medeni|ceza|borçlar|iş|ticaret|aile|miras|kira|vergi|anayasa|idare|usul|federal|özel|kamu)\s+)?"
    r"(?:hukuk(?!çu|i)\w*|kanun(?!en|i\b)\w*|yasa(?![kl](?!ar))\w*|mevzuat\w*|anayasa\w*)"
)
_HERE = re.compile(r"\b(?:türk\w*|ülkemiz\w*|memleket\w*)")
_LITTLE = frozenset(
    "the is are was what who how when where which why do does can could my your of in to for and or a an this "
    "that with please i you we der die das ist sind ein eine wie was wer wann wo welche welches ich du wir und "
    "oder in mit für von kann mir le la les est sont un une des du je vous que qui quand comment où avec pour "
    "dans el los las es son una qué cómo cuándo dónde con por para".split()
)


def foreign_place(question: str) -> str | None:
    """The other country whose law a question asks about; None where it asks about none."""
    text = fold(question)
    if len(words(text)) > SHORT or _HERE.search(text):
        return None
    match = _OTHERS_LAW.search(text) or _THERE.search(text)
    return match["place"] if match else None


def foreign_language(question: str) -> bool:
    """Whether a question is plainly in another language than Turkish."""
    letters = [character for character in question if character.isalpha()]
    latin = sum(unicodedata.name(character, "").startswith("LATIN") for character in letters)
    if letters and latin < len(letters) / 2:
        return True
    told = words(fold(question))
    little = sum(word in _LITTLE for word in told)
    return little >= 2 and little >= len(told) / 4
