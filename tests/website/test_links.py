"""The link checker finds every kind of broken link, and the repository's Markdown has none."""

from pathlib import Path

import pytest
from website import links

ROOT = Path(__file__).resolve().parents[2]
REPOSITORY = "https://github.com/owner/name"


def check(built: Path, root: Path) -> list[str]:
    return links.check_site(built, root, REPOSITORY, "/base/")


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    (folder / "guide").mkdir(parents=True)
    (folder / "guide" / "index.html").write_text(
        '<h2 id="kayıp">Kayıp</h2><a href="../#top">up</a>', encoding="utf-8"
    )
    (folder / "a.css").write_text("", encoding="utf-8")
    return folder


def write(built: Path, body: str) -> None:
    (built / "index.html").write_text(f'<html><p id="top"></p>{body}</html>', encoding="utf-8")


@pytest.mark.parametrize(
    "body",
    [
        '<a href="guide/">page</a>',
        '<a href="guide/#kay%C4%B1p">anchor, quoted</a>',
        '<a href="guide/#kayıp">anchor</a>',
        '<a href="#top">here</a>',
        '<a href="/base/guide/">from the root of the server</a>',
        '<link rel="stylesheet" href="a.css">',
        '<a href="https://example.org/nowhere">elsewhere, asked only on demand</a>',
        f'<a href="{REPOSITORY}/blob/main/there.py#L3">a file</a>',
    ],
)
def test_good_links_pass(built: Path, tmp_path: Path, body: str) -> None:
    (tmp_path / "there.py").write_text("", encoding="utf-8")
    write(built, body)
    assert check(built, tmp_path) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('<a href="gone/">page</a>', "no such page"),
        ('<a href="guide/#yok">anchor</a>', "no such anchor"),
        ('<a href="#yok">here</a>', "no such anchor"),
        ('<a href="/base/gone/">page</a>', "no such page"),
        ('<a href="/other/">not ours</a>', "leads out of the site"),
        ('<a href="../../x">up and away</a>', "leads out of the site"),
        ('<img src="gone.png">', "no such page"),
        ('<script src="https://cdn.example.org/x.js"></script>', "from elsewhere"),
        ('<link rel="stylesheet" href="//cdn.example.org/x.css">', "from elsewhere"),
        ('<p id="top"></p>', "two elements have the id 'top'"),
        (f'<a href="{REPOSITORY}/blob/main/gone.py">a file</a>', "no such file in the repository"),
        (f'<a href="{REPOSITORY}/tree/main/gone">a folder</a>', "no such file in the repository"),
    ],
)
def test_each_fault_is_found(built: Path, tmp_path: Path, body: str, said: str) -> None:
    write(built, body)
    (line,) = check(built, tmp_path)
    assert line.startswith("index.html: ")
    assert said in line


def test_other_sites_are_listed(built: Path) -> None:
    write(built, '<a href="https://example.org/x">x</a><a href="guide/">g</a><a href="mailto:a@b.c">m</a>')
    assert links.external(built) == ["https://example.org/x"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[x](docs/gone.md)", "no such file"),
        ("[x](docs/there.md#yok)", "no such heading"),
        ("[x](../../gone)", "leads out of the repository"),
        ("[x](#nowhere)", "no such heading"),
        ("[x]\n\n[x]: docs/gone.md", "no such file"),
    ],
)
def test_links_of_markdown(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "there.md").write_text("# Is `it` normal? (a *test*)\n", encoding="utf-8")
    good = "[x](docs/there.md#is-it-normal-a-test) `[x](gone)`\n\n```md\n[x](gone)\n```\n\n"
    (tmp_path / "README.md").write_text(good, encoding="utf-8")
    assert links.check_markdown(tmp_path) == []
    (tmp_path / "README.md").write_text(good + text, encoding="utf-8")
    (line,) = links.check_markdown(tmp_path)
    assert line.startswith("README.md: ")
    assert line.endswith(said)


def test_readmes_and_english_pages_have_no_broken_link() -> None:
    assert links.check_markdown(ROOT, ("*.md", "docs/**/*.md")) == []
