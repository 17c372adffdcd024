"""The search of the Turkish pages, mended where the generator's scripts know only English.

They say “results” whatever the language, and fold letters as English does, so that “Isınma” does not find “ısınma”:
here ı and i are one letter to the search, as the dot is often left out. Formulas lose their delimiters in excerpts.
A script that no longer has what is replaced is an error. It leaves out the ranking.
"""

import json
import re
from pathlib import Path

from website.pages import SiteError

BUNDLE = {
    '"result":"results"': '"sonuç":"sonuç"',
    '"No results"': '"Sonuç yok"',
    '"Search results"': '"Arama sonuçları"',
    'Intl.NumberFormat("en-US")': 'Intl.NumberFormat("tr-TR")',
}
WORKER = {'.normalize("NFKD").toLowerCase()': '.normalize("NFKD").toLowerCase().replace(/ı/g,"i")'}


def mend(built: Path) -> None:
    """Changes the scripts of the pages below `built`, which must be those of the Turkish pages."""
    scripts = built / "assets" / "javascripts"
    _replace(scripts, "bundle.*.js", BUNDLE)
    _replace(scripts / "workers", "search.*.js", WORKER)


def plain(built: Path) -> None:
    """Takes the delimiters of formulas out of what the search shows."""
    path = built / "search.json"
    index = json.loads(path.read_text(encoding="utf-8"))
    for item in index["items"]:
        item["text"] = re.sub(r"\\\((.+?)\\\)|\\\[(.+?)\\\]", r"\1\2", item["text"], flags=re.DOTALL)
    path.write_text(json.dumps(index, ensure_ascii=False), encoding="utf-8")


def _replace(folder: Path, pattern: str, words: dict[str, str]) -> None:
    for path in folder.glob(pattern):
        text = path.read_text(encoding="utf-8")
        for old, new in words.items():
            if old not in text:
                raise SiteError(f"{path.name}: the search's script has no {old} any more: see dev/website/search.py")
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
        return
    raise SiteError(f"{folder}: no {pattern}")
