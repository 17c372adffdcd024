"""Planted noise: what a cleaning pipeline should find, each with a label that says what was planted.

The ``detail`` of a label, by kind:

=================== ================================================================================================
menu, cookie, html  the planted line, as it stands in the text
mojibake            the text before its bytes were misread
foreign             the language code (ISO 639-1)
exact_duplicate     index of the earlier document; then ``case``, ``whitespace`` or ``apostrophe`` if that differs
near_duplicate      index of the earlier document, then ``dropped``, ``added`` or ``renamed``
personal_data       ``what:value``, what being tckn, vkn, iban, phone, email, or ``invalid_…`` for a wrong checksum
control_characters  the character
too_short           the whole text
=================== ================================================================================================

Left out: choosing which documents are dirty, and fetching earlier ones; see ``generator``.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from fidan.corpus.synthetic.foreign import FOREIGN
from fidan.corpus.synthetic.lexicon import CHILDREN
from fidan.corpus.synthetic.sentences import pick
from fidan.turkish import capitalize, fold, split_sentences, upper

NOISE_KINDS = (
    "menu", "cookie", "mojibake", "html", "foreign", "exact_duplicate", "near_duplicate", "personal_data",
    "control_characters", "too_short",
)  # fmt: skip
DUPLICATE_KINDS = ("exact_duplicate", "near_duplicate")


@dataclass(frozen=True, slots=True)
class Label:
    """One planted thing: ``kind`` is in ``NOISE_KINDS``; ``detail`` as told above."""

    kind: str
    detail: str


Noisy = tuple[str, tuple[Label, ...]]

_MENU_ITEMS = (
    "Ana Sayfa", "Hakkımızda", "İletişim", "Ürünler", "Üye Girişi", "Kayıt Ol", "Haberler", "Galeri", "Sepetim",
    "Blog", "Site Haritası", "Künye", "Gizlilik", "Yardım", "İlanlar", "Spor", "Ekonomi", "Magazin",
)  # fmt: skip
_MENU_LINES = (
    "Devamını oku »", "Tümünü gör", "Paylaş | Tweetle | Yazdır", "DEVAMI İÇİN TIKLAYINIZ", "Yorum yap", "ÜYE GİRİŞİ",
    "Etiketler: gezi, tatil, yemek", "Önceki sayfa 1 2 3 4 5 Sonraki sayfa", "Tüm hakları saklıdır. © 2019",
    "Bu yazıyı beğendiniz mi? Bizi takip edin!", "Abone ol | Giriş yap", "İLETİŞİM BİLGİLERİ", "BENZER HABERLER",
)  # fmt: skip
_COOKIES = (
    "Bu site çerez kullanmaktadır. Siteyi kullanarak çerez politikamızı kabul etmiş olursunuz.",
    "Sizlere daha iyi hizmet verebilmek için çerezlerden faydalanıyoruz. Ayrıntılar için tıklayın.",
    "ÇEREZ POLİTİKASI: Deneyiminizi iyileştirmek için çerezler kullanıyoruz. Kabul Et | Reddet",
    "KVKK kapsamında kişisel verileriniz işlenmektedir. Çerez ayarlarını değiştirmek için buraya tıklayınız.",
    "Gizliliğinize önem veriyoruz. Tüm çerezleri kabul ediyor musunuz?",
)
_HTML = (
    '<div class="reklam"><a href="/kampanya?id=42">Fırsatı kaçırma!</a></div>',
    '<script type="text/javascript">var sayfa = "detay"; izle(sayfa);</script>',
    '<img src="/resim/logo.png" alt="Logo" width="120" />',
    "<p>&nbsp;</p><br/><br/>",
    '<span style="color:red">&Ccedil;ok satanlar &amp; yeni &uuml;r&uuml;nler</span>',
    "<ul><li>Ana Sayfa</li><li>Hakkımızda</li></ul>",
    "<!-- yan menü başlangıcı -->",
)
# None of these is a line break to str.splitlines.
_CONTROLS = ("\u200b", "\u00ad", "\ufeff", "\x07", "\x08", "\x00", "\u200e", "\x7f", "\u2060", "\x1b")


def _insert_line(rng: random.Random, text: str, line: str) -> str:
    lines = text.split("\n")
    place = pick(rng, (0, len(lines), int(rng.random() * (len(lines) + 1))))
    return "\n".join([*lines[:place], line, *lines[place:]])


def menu(rng: random.Random, text: str) -> Noisy:
    """Plant a navigation bar or a "read more" line."""
    if rng.random() < 0.5:
        line = pick(rng, _MENU_LINES)
    else:
        items = sorted(_MENU_ITEMS, key=lambda item: rng.random())[: 4 + int(rng.random() * 5)]
        line = pick(rng, (" | ", " » ", " - ", "  ")).join(items)
        line = upper(line) if rng.random() < 0.4 else line
    return _insert_line(rng, text, line), (Label("menu", line),)


def cookie(rng: random.Random, text: str) -> Noisy:
    """Plant a cookie banner."""
    line = pick(rng, _COOKIES)
    return _insert_line(rng, text, line), (Label("cookie", line),)


def html(rng: random.Random, text: str) -> Noisy:
    """Plant a piece of markup, or wrap every paragraph in it."""
    if rng.random() < 0.3:
        line = text.split("\n")[0].replace('"', "&quot;")
        wrapped = "\n".join(f"<p>{part}</p>" for part in text.replace('"', "&quot;").split("\n"))
        return wrapped, (Label("html", f"<p>{line}</p>"),)
    line = pick(rng, _HTML)
    return _insert_line(rng, text, line), (Label("html", line),)


def mojibake(rng: random.Random, text: str) -> Noisy:
    """Misread the bytes of the text: UTF-8 as cp1252 or Latin-1, or cp1254 as cp1252."""
    written, read = pick(rng, (("utf-8", "cp1252"), ("utf-8", "latin-1"), ("cp1254", "cp1252")))
    try:
        broken = text.encode(written).decode(read)
    except UnicodeError:
        # cp1254 lacks a few signs, and cp1252 leaves five bytes undefined.
        broken = text.encode("utf-8").decode("latin-1")
    return broken, (Label("mojibake", text),)


def foreign(rng: random.Random, text: str) -> Noisy:
    """Replace the text by paragraphs of another language."""
    code = pick(rng, tuple(dict.fromkeys(code for code, _ in FOREIGN)))
    paragraphs = sorted((text for own, text in FOREIGN if own == code), key=lambda item: rng.random())
    return "\n".join(paragraphs[: 1 + int(rng.random() * 2)]), (Label("foreign", code),)


def control_characters(rng: random.Random, text: str) -> Noisy:
    """Scatter one invisible or control character through the text."""
    character = pick(rng, _CONTROLS)
    letters = list(text)
    for _ in range(3 + int(rng.random() * 12)):
        letters.insert(int(rng.random() * (len(letters) + 1)), character)
    return "".join(letters), (Label("control_characters", character),)


def too_short(rng: random.Random, text: str) -> Noisy:
    """Keep only the first few words."""
    short = " ".join(text.split()[: 1 + int(rng.random() * 4)])
    return short, (Label("too_short", short),)


def _digits(rng: random.Random, count: int) -> list[int]:
    return [1 + int(rng.random() * 9), *(int(rng.random() * 10) for _ in range(count - 1))]


def tckn(rng: random.Random) -> str:
    """Return an identity number with right check digits."""
    d = _digits(rng, 9)
    tenth = (sum(d[0::2]) * 7 - sum(d[1::2])) % 10
    return "".join(map(str, [*d, tenth, (sum(d) + tenth) % 10]))


def vkn(rng: random.Random) -> str:
    """Return a tax number with a right check digit."""
    d = _digits(rng, 9)
    total = 0
    for index, digit in enumerate(d):
        shifted = (digit + 9 - index) % 10
        part = shifted * 2 ** (9 - index) % 9
        total += 9 if shifted and not part else part
    return "".join(map(str, [*d, (10 - total % 10) % 10]))


def iban(rng: random.Random) -> str:
    """Return a Turkish IBAN (26 characters, no spaces) whose remainder by 97 is 1."""
    account = "".join(map(str, _digits(rng, 5))) + "0" + "".join(map(str, _digits(rng, 16)))
    # T is 29 and R is 27 in the checksum alphabet.
    check = 98 - int(account + "2927" + "00") % 97
    return f"TR{check:02d}{account}"


def _wrong(value: str) -> str:
    return value[:-1] + str((int(value[-1]) + 1) % 10)


def _phone(rng: random.Random) -> str:
    d = "".join(map(str, _digits(rng, 9)))
    shape = pick(rng, ("0 5{} {} {} {}", "+90 5{} {} {} {}", "05{}{}{}{}", "0(5{}) {} {} {}", "5{}-{}-{}-{}"))
    return shape.format(d[:2], d[2:5], d[5:7], d[7:])


def _email(rng: random.Random) -> str:
    first, second = (fold(pick(rng, CHILDREN).text) for _ in range(2))
    plain = f"{first}.{second}{int(rng.random() * 100)}".translate(str.maketrans("çğıöşü", "cgiosu"))
    return f"{plain}@{pick(rng, ('ornek.com', 'posta.example', 'okul.example', 'deneme.com.tr'))}"


_PERSONAL: tuple[tuple[str, Callable[[random.Random], str], tuple[str, ...]], ...] = (
    ("tckn", tckn, ("T.C. kimlik numarası: {}", "Başvuran kişinin kimlik numarası {} olarak kaydedildi.")),
    ("vkn", vkn, ("Vergi numarası: {}", "Firmanın vergi kimlik numarası {} olarak bildirildi.")),
    ("iban", iban, ("IBAN: {}", "Ücreti {} numaralı hesaba yatırabilirsiniz.")),
    ("phone", _phone, ("Telefon: {}", "Bilgi için {} numaralı telefonu arayın.")),
    ("email", _email, ("E-posta: {}", "Sorularınızı {} adresine yazabilirsiniz.")),
)


def personal_data(rng: random.Random, text: str) -> Noisy:
    """Plant one to three pieces of personal data, or numbers that only look like it."""
    labels = []
    for _ in range(1 + int(rng.random() * 3)):
        what, make, lines = pick(rng, _PERSONAL)
        value = make(rng)
        if what in {"tckn", "vkn", "iban"} and rng.random() < 0.3:
            what, value = f"invalid_{what}", _wrong(value)
        shown = (
            " ".join(value[i : i + 4] for i in range(0, 26, 4)) if "iban" in what and rng.random() < 0.5 else value
        )
        text = _insert_line(rng, text, pick(rng, lines).format(shown))
        labels.append(Label("personal_data", f"{what}:{shown}"))
    return text, tuple(labels)


def exact_duplicate(rng: random.Random, earlier: str, index: int) -> Noisy:
    """Repeat an earlier document, as it is or changed only in what ``turkish.fold`` takes away."""
    variant = pick(rng, ("", "", "case", "whitespace", "apostrophe"))
    if variant == "case":
        earlier = upper(earlier)
    elif variant == "whitespace":
        earlier = earlier.replace(" ", pick(rng, ("  ", " \u00a0", "\t")))
    elif variant == "apostrophe" and "'" in earlier:
        earlier = earlier.replace("'", "’")
    else:
        variant = ""
    return earlier, (Label("exact_duplicate", f"{index} {variant}".strip()),)


_NAME_TEXTS = tuple(name.text for name in CHILDREN)
_ADDED = (
    "Bu yazı size de güzel geldi mi?", "Okuduğunuz için teşekkür ederiz.", "Yarın yeni bir yazıyla buluşalım.",
    "Bu metni bir arkadaşınızla paylaşın.",
)  # fmt: skip


def near_duplicate(rng: random.Random, earlier: str, index: int) -> Noisy:
    """Repeat an earlier document with one sentence dropped, one added, or one word renamed."""
    variant = pick(rng, ("dropped", "added", "renamed"))
    sentences = [sentence for line in earlier.split("\n") for sentence in split_sentences(line)]
    found = next((name for name in _NAME_TEXTS if f"{name} " in earlier), None)
    if variant == "dropped" and len(sentences) > 4:
        victim = sentences[len(sentences) // 2]
        changed = earlier.replace(victim, "", 1).replace("  ", " ").replace("\n ", "\n").replace("\n\n", "\n")
        return changed, (Label("near_duplicate", f"{index} dropped"),)
    if variant == "renamed" and found:
        changed = earlier.replace(f"{found} ", "Kübra ", 1)
        return changed, (Label("near_duplicate", f"{index} renamed"),)
    return f"{earlier} {capitalize(pick(rng, _ADDED))}", (Label("near_duplicate", f"{index} added"),)


PLANTERS: dict[str, Callable[[random.Random, str], Noisy]] = {
    "menu": menu, "cookie": cookie, "mojibake": mojibake, "html": html, "foreign": foreign,
    "personal_data": personal_data, "control_characters": control_characters, "too_short": too_short,
}  # fmt: skip
COPIERS: dict[str, Callable[[random.Random, str, int], Noisy]] = {
    "exact_duplicate": exact_duplicate,
    "near_duplicate": near_duplicate,
}
