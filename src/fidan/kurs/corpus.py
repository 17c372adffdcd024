"""What the corpus stage did, told in Turkish: the reasons of being dropped, and the funnel as a picture.

What it leaves out: counting, which the stage did (`report.json`), and the page with everything (`report.html`).
"""

import re
from collections.abc import Mapping
from typing import Any

from matplotlib import pyplot as plt

from fidan.turkish import grouped

_REASONS = {
    "empty": "metin kalmadı ya da hiç yoktu",
    "too_short": "çok kısa",
    "too_long": "çok uzun",
    "invalid_utf8": "UTF-8 olmayan çok bayt var",
    "foreign": "başka bir dil daha olası",
    "language_unsure": "dilinden emin olunamadı",
    "few_words": "düzyazı olmak için sözcüğü az",
    "many_words": "sözcüğü çok",
    "short_words": "sözcükler çok kısa: harfler, kodlar",
    "long_words": "sözcükler çok uzun: adresler, boşluksuz metin",
    "hash_signs": "çok # var",
    "ellipses": "çok … var: yarım kalan tanıtımlar",
    "bullet_lines": "satırların neredeyse hepsi madde imi",
    "ellipsis_lines": "çok satır … ile kesiliyor",
    "few_letters": "sözcüklerin çoğunda harf yok: çizelge, sayı",
    "few_stop_words": "her Türkçe düzyazıda olan sözcükler yok",
    "line_punctuation": "cümle gibi biten satır az: menü, başlık",
    "duplicate_line_chars": "metnin çoğu yinelenen satırlarda",
    "duplicate_lines": "satırların çoğu yineleniyor",
    "line_breaks": "sözcük sayısına göre satır sonu çok",
    "perplexity": "iyi metne benzemiyor",
    "contaminated": "bir değerlendirme metnini içeriyor",
    "duplicate": "aynı metin daha önce geldi",
    "near_duplicate": "yakın kopyası tutuldu",
    "in_validation": "doğrulamada da var",
}
_STEPS = {
    "valid UTF-8": "geçerli UTF-8",
    "repeated lines": "yinelenen satırlar",
    "length": "uzunluk",
    "language": "dil",
    "quality": "kalite kuralları",
    "decontamination": "sızıntı",
    "perplexity": "şaşkınlık",
    "duplicates": "kopyalar",
}


def atilma_nedeni(ad: str) -> str:
    """What a reason of being dropped means.

    Raises:
        ValueError: the corpus stage has no such reason.
    """
    if match := re.fullmatch(r"top_(\d+)_gram", ad):
        return f"{match[1]} sözcüklük bir dizi metnin çoğu"
    if match := re.fullmatch(r"duplicate_(\d+)_grams", ad):
        return f"{match[1]} sözcüklük diziler yineleniyor"
    if ad not in _REASONS:
        raise ValueError(f"{ad!r}: derlem aşamasında böyle bir atılma nedeni yok.")
    return _REASONS[ad]


def huni(rapor: Mapping[str, Any], ax: Any = None) -> Any:
    """Draw how many documents are left after every step that dropped some.

    Args:
        rapor: `corpus/report.json`.
        ax: where to draw; None: on a figure of its own.

    Returns:
        The axes.
    """
    steps = [step for step in rapor["steps"] if step["split"] == "train" and step["dropped"]]
    names = ["okunan", *(_STEPS.get(step["name"], step["name"]) for step in steps)]
    left = [rapor["read"]["documents"], *(step["documents_out"] for step in steps)]
    if ax is None:
        _, ax = plt.subplots(figsize=(7, 0.8 + 0.45 * len(names)))
    before = left[:1] + left[:-1]
    whole = ax.barh(names, before, color="#e0e0e0", label="bu adımda atılan")
    ax.barh(names, left, color="#2e7d32", label="kalan")
    ax.bar_label(whole, [grouped(number) for number in left], padding=4)
    ax.invert_yaxis()
    ax.set_xlabel("belge")
    ax.set_xlim(0, 1.12 * max(left))
    ax.xaxis.set_major_formatter(lambda value, _: grouped(round(value)))
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return ax
