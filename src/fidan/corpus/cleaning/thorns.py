"""Turkish whose bytes were read by a Western table: `þ ð ý Þ Ð Ý` where `ş ğ ı Ş Ğ İ` were written.

The Turkish tables (ISO 8859-9, cp1254) and the Western ones (ISO 8859-1, cp1252) differ in these six letters alone,
so nothing about a byte tells the two apart; Icelandic, Faroese, Czech, Slovak, Turkmen and Vietnamese write some of
the six rightly. The rule is one of evidence, word by word, then line by line:

1. A word that holds one of the six is judged as the Turkish word it would become. It *cannot be* Turkish when it
   holds a letter that Turkish lacks, opens with a cluster that Turkish has not, has `ğ` at its head or after a
   consonant, `ı` beside another vowel or after one of `e i o ö u ü` (vowel harmony). It is *surely* Turkish when
   besides that it holds what hardly any other language has: `ş` after a vowel, `ı` in a harmonic ending (`ların`,
   `lık`, `dır`), `ğ` between equal vowels (`lığı`, `liği`), a suffix after an apostrophe, and a few roots. Otherwise
   it *may be* Turkish.
2. A line's score is +6 for each sure word, -1 for each possible one, -8 for each impossible one and -2 for each
   letter that Turkish lacks. Of running Turkish words damaged in this way 82% are sure and 0.6% impossible; of
   different Icelandic, Faroese, Czech, Slovak and Turkmen ones at most 1% are sure and 73% to 99% impossible. The
   weights are near the logarithms of these ratios. A line that is still undecided counts +2 for each of up to three
   Turkish words such as `bir`, which the damage leaves whole.
3. The other lines of the document speak too: their sum, held between -16 and +16, is added. A line above zero is
   repaired. So a bare name below a broken page is repaired, and a Turkish-looking word in Icelandic is not.
4. In a repaired line all six letters are replaced, unless right ones (`ş ğ ı İ`) stand in it in number: then only
   the sure words are, so that `Novotný` keeps its letter in a right Turkish sentence.

What it leaves out: the same bytes read as Central European or Baltic (`ţ đ`, `ž š`), which look like Romanian,
Croatian or Latvian.
"""

import re
from functools import lru_cache

from fidan import turkish

SIX = "þðýÞÐÝ"
_RIGHT = "şğıŞĞİ"
_REPAIR = tuple(zip(SIX, _RIGHT, strict=True))
_TRANSLATE = str.maketrans(SIX, _RIGHT)
_ANY = re.compile(f"[{SIX}]")
# Letters, with the digits and apostrophes that join them, and the soft hyphens of a page that hyphenated every word.
_WORD = re.compile(rf"(?<![\w\xad'’])[^\W{SIX}]*+(?:[\xad'’]++[^\W{SIX}]*+)*+[{SIX}][\w\xad'’]*")
_FOREIGN = re.compile(rf"[^\W\d_a-zA-ZçöüÇÖÜâîûÂÎÛ{_RIGHT}{SIX}ªº]")

SURE, POSSIBLE, IMPOSSIBLE = 6, -1, -8
_FOREIGN_LETTER, _COMMON_WORD = -2, 2
_NEIGHBOURS = 16  # how much the other lines of a document may weigh
# Words that the misreading leaves as they are.
_COMMON = re.compile(r"(?<!\w)(?:bir|bu|çok|ile|gibi|kadar|ama|olarak|olan|sonra|daha|her|diye|veya|ne|en)(?!\w)")

# A word is judged in lower case with the suspected letters left standing, so that a pattern sees which are in doubt;
# a capital Ý, which would be İ, is written ï.
_VOWELS = "aeıioöuüâîûýï"
_CONSONANTS = "bcçdfgğhjklmnprsştvyzþð"
_ALPHABET = re.compile(f"[{_VOWELS}{_CONSONANTS}]+")
_CANNOT_BE = re.compile(
    f"^ð|[{_CONSONANTS}]ð|[{_VOWELS}]ý|ý[{_VOWELS}]|ï[aou]"
    f"|[eiïoöuüîû][{_CONSONANTS}]+ý"
    # ğ between vowels that disagree; "ağustos" is the one common exception.
    "|[aâıý]ð[eiïöü]|(?<!^a)(?<=a)ðu|[eiïî]ð[aâıýouöü]|[oöuü]ð[eiïıý](?<![öü]ð[eiï])|[ou]ðö|[öü]ð[aou]"
    f"|^(?!(?:[bfgkptþ]r|[bfgkps]l|s[kmnptv]|þ[knptv]|tv|kv|dr|ps)[{_VOWELS}]|s[tkp]r)[{_CONSONANTS}]{{2}}"
    f"|[{_CONSONANTS}]{{4}}|ch|ck"
    "|[ck]k$|[bcdgð][bcdðgpt]$|ð[bdfghjkmprvyz]$|(?<![dsbyç]a)(?<!^a)(?<!tu)(?<!bli)(?<!ço)(?<!çý)ð$"
)
_SURELY = re.compile(
    f"[{_VOWELS}]þ(?!r)|þ[lmktdçs]|[ae]kþ|karþ|^ayþe|^þ(?:imdi|ek[ie]?l|irket|öyle|ehi[rt])"
    f"|[aâıý][{_CONSONANTS}]*[bcçdlmnprstyzðþ]ý(?:[nrldtspyg]|z(?![aeuy])|k(?!o))"
    "|(?:lar|ma|[aý]s|[aý][lnrvyz]d|[aý]pt|[aý]kt)ý$|[lrn]dým$|ptým$"
    "|^(?:yýl|çýk|kýz|kýs|hýz|yýk|sýný|fýrs|baz|ayný|ayrý|farklý|yardý|kadý|lazý|hakký|asýl|akýl)"
    f"|[{_VOWELS}][{_CONSONANTS}]+(?<!tr)(?:ýðý|[iï]ð[iï]|uðu|üðü)|(?:^[dlnst])(?:ýðý|üðü)"
    "|eceð|acað|oðlu|^(?:de|di|ö|do|yo|so|sa|ça)ð(?=[elraýioïu])|^eð(?=[eiï])|büyüð|fotoð|doðan|^baðl|^öðe|^aðýr|çoðu"
)
_SUFFIX = re.compile(f"['’][cçdklmnsty]{{0,2}}[aeýiuü][{_VOWELS}{_CONSONANTS}]{{0,9}}$")
# İ between front vowels, or at the head of a word; "Ým…" and "Ýt…" begin Icelandic words too.
_DOTTED = re.compile(
    f"[eiïöü][{_CONSONANTS}]+ï[{_CONSONANTS}]|^[{_CONSONANTS}]*ï[{_CONSONANTS}]+[eiïöü]|^ï(?![mt])[{_CONSONANTS}]"
)


@lru_cache(maxsize=1 << 16)
def judge(word: str) -> int:
    """How surely a word that holds one of the six was Turkish: `SURE`, `POSSIBLE` or `IMPOSSIBLE`.

    >>> judge("deðil"), judge("þey"), judge("Sigurðsson")
    (6, -1, -8)
    """
    form = turkish.lower(word.replace("\xad", "").replace("Ý", "ï").replace("’", "'")).strip("'")
    stem, _, suffix = form.lstrip("0123456789").partition("'")
    if suffix and _ANY.search(suffix) and _SUFFIX.match("'" + suffix):
        return SURE
    if not _ALPHABET.fullmatch(stem) or _CANNOT_BE.search(stem):
        return IMPOSSIBLE
    return SURE if _SURELY.search(stem) or _DOTTED.search(stem) else POSSIBLE


def _score(line: str, first: int) -> int:
    """What a line says of itself; `first` is the place of its first suspect. 400 characters are enough to tell."""
    part = line[max(0, first - 40) : first + 360]
    score = sum(map(judge, _WORD.findall(part))) + _FOREIGN_LETTER * len(_FOREIGN.findall(part))
    if IMPOSSIBLE < score <= 0:
        score += _COMMON_WORD * min(3, len(_COMMON.findall(part)))
    return score


def _repair_line(line: str) -> str:
    if 4 * sum(map(line.count, _RIGHT)) < sum(map(line.count, SIX)):
        for wrong, right in _REPAIR:
            line = line.replace(wrong, right)
        return line
    return _WORD.sub(_repair_word, line)


def _repair_word(match: re.Match[str]) -> str:
    word = match[0]
    # What is longer is no word, and would only fill the memory of `judge`.
    return word.translate(_TRANSLATE) if len(word) <= 100 and judge(word) == SURE else word


def repair(text: str) -> str:
    """The text with `þ ð ý` as `ş ğ ı` in the lines that were Turkish, by the rule of this module.

    >>> repair("Sayýn Baþkan, deðerli milletvekilleri")
    'Sayın Başkan, değerli milletvekilleri'
    >>> repair("Hann heitir Sigurður og býr á Íslandi.")
    'Hann heitir Sigurður og býr á Íslandi.'
    """
    if not any(map(text.__contains__, SIX)):
        return text
    lines = text.split("\n")
    suspects = ((number, _ANY.search(line)) for number, line in enumerate(lines))
    scores = {number: _score(lines[number], suspect.start()) for number, suspect in suspects if suspect}
    total = sum(scores.values())
    for number, score in scores.items():
        others = max(-_NEIGHBOURS, min(_NEIGHBOURS, total - score))
        if score + others > 0:
            lines[number] = _repair_line(lines[number])
    return "\n".join(lines)
