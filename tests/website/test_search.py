"""The search's scripts speak Turkish on the Turkish pages; a generator that changed them is an error."""

import json
from pathlib import Path

import pytest
from website import search
from website.pages import SiteError


def scripts(built: Path, bundle: str) -> Path:
    folder = built / "assets" / "javascripts"
    (folder / "workers").mkdir(parents=True)
    (folder / "bundle.1.min.js").write_text(bundle, encoding="utf-8")
    (folder / "workers" / "search.1.min.js").write_text("t" + "".join(search.WORKER), encoding="utf-8")
    return folder


def test_the_scripts_are_turkish(tmp_path: Path) -> None:
    folder = scripts(tmp_path, " ".join(search.BUNDLE))
    search.mend(tmp_path)
    assert (folder / "bundle.1.min.js").read_text(encoding="utf-8") == " ".join(search.BUNDLE.values())
    assert 'replace(/ı/g,"i")' in (folder / "workers" / "search.1.min.js").read_text(encoding="utf-8")


def test_another_script_is_an_error(tmp_path: Path) -> None:
    scripts(tmp_path, "another")
    with pytest.raises(SiteError, match=r"bundle\.1\.min\.js"):
        search.mend(tmp_path)
    with pytest.raises(SiteError, match="no bundle"):
        search.mend(tmp_path / "empty")


def test_excerpts_have_no_delimiters(tmp_path: Path) -> None:
    index = tmp_path / "search.json"
    index.write_text(json.dumps({"items": [{"text": r"<p>\(\ln V\)'nin \[x\]</p>"}]}), encoding="utf-8")
    search.plain(tmp_path)
    assert json.loads(index.read_text(encoding="utf-8"))["items"] == [{"text": r"<p>\ln V'nin x</p>"}]
