"""Whether a text denies what a passage says, or says what it denies, verb by verb.

Turkish denies in the verb: "açılabilir" and "açılamaz", "verilir" and "verilmez", "ödeyen" and "ödemeyen". A verb is
compared by what stands before its endings. The noun in -ma ("ödeme", "bulunma") denies nothing.

What it leaves out: what is denied by another word of meaning ("yasaklamak", "kaçınmak"), and words whose endings only
look like a verb's. `DENIALS` are compared as words.
"""

import re
from collections.abc import Iterator

from fidan.turkish import fold, words

DENIALS = ("değil", "yok", "hiçbir", "hükümsüz", "geçersiz", "yasak", "olmaksızın")
_DENIED = re.compile(
    r"(?P<stem>\w{2,}?)(?:y?[ae])?m(?:[ae]z(?:lar|ler|sa|se|ken|l[ıi]\w*)?|[ae]d[ıi](?:lar|ler|ysa|yse|kça|kçe|ğ\w+)?"
    r"|[ae]m[ıi]ş\w*|[ae]y[ae](?:n|nlar|nler|c\w+|rak|rek)\w*|[ae]y[ıi](?:p|nca|nce)\w*|[ae][dt][ae]n|[ae]ks[ıi]z[ıi]n"
    r"|[ae]s[ae]|[ae]m[ae](?:k\w*|s[ıi]\w*|l[ıi]\w*)|[ıiuü]yor\w*)"
)
_SAID = re.compile(
    r"(?P<stem>\w{2,}?)(?:y?[ae]bil(?:ir|ecek|me\w*|en)?(?:ler)?|[ıiuüae]r(?:lar|ler|sa|se)?|[ıiuü]yor\w*"
    r"|y?[ae]ca[kğ]\w*|m[ae]ktad[ıi]r|[ae]n(?:lar|ler)?|[dt][ıiuü]ğ\w+)"
)


def against(text: str, passage: str) -> list[str]:
    """The words of `text` whose yes or no is the other way round in `passage`, where the passage has the verb."""
    said, denied = set(_verbs(passage, _SAID)), set(_verbs(passage, _DENIED))
    found = []
    for word in words(fold(text)):
        if match := _DENIED.fullmatch(word):
            if match["stem"] not in denied:
                found.append(word)
        elif (match := _SAID.fullmatch(word)) and match["stem"] in denied and match["stem"] not in said:
            found.append(word)
    return list(dict.fromkeys(found))


def denials(text: str) -> set[str]:
    """Which of `DENIALS` a text holds."""
    return {known for known in DENIALS for word in words(fold(text)) if word.startswith(known)}


def _verbs(text: str, form: re.Pattern[str]) -> Iterator[str]:
    for word in words(fold(text)):
        if form is _SAID and _DENIED.fullmatch(word):
            continue
        if match := form.fullmatch(word):
            yield match["stem"]
