"""Where sources stand on the site, and what becomes of links between them."""

import re
from pathlib import Path

import pytest
import yaml
from website import address, build, curve
from website.languages import ENGLISH, PAIRS, TURKISH, counterpart, url_of
from website.pages import Page, Site, SiteError, outside_code, relative

ROOT = Path(__file__).resolve().parents[2]
REPOSITORY = "https://github.com/owner/name"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    for path in ("docs/a.md", "docs/guides/b.md", "belgeler/rehber/c.md", "src/x.py", "docs/p.svg", "kurs/04_x.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("", encoding="utf-8")
    site = Site(tmp_path, tmp_path / "out", address.address_of(REPOSITORY))
    site.add("docs/a.md", ENGLISH, "a.md")
    site.add("docs/guides/b.md", ENGLISH, "guides/b.md")
    site.add("belgeler/rehber/c.md", TURKISH, "rehber/c.md")
    site.add("kurs/04_x.py", TURKISH, "kurs/04-x.md")
    return site


@pytest.mark.parametrize(
    ("link", "leads"),
    [
        ("../a.md#x", "../a.md#x"),
        ("../../src/x.py", f"{REPOSITORY}/blob/main/src/x.py"),
        ("../../src", f"{REPOSITORY}/tree/main/src"),
        ("../../belgeler/rehber/c.md#y", "../../rehber/c/#y"),
        ("../../kurs/04_x.py", "../../kurs/04-x/"),
        ("../../kurs/04_x.ipynb", "../../kurs/04-x/"),
        ("../p.svg", "../pictures/docs/p.svg"),
        ("https://example.org", "https://example.org"),
        ("#here", "#here"),
    ],
)
def test_where_a_link_leads(site: Site, link: str, leads: str) -> None:
    page = Page(ENGLISH, "guides/b.md")
    site.write(page, f"[x]({link}) `[x]({link})`\n\n```sh\n[x]({link})\n```\n", "docs/guides/b.md")
    text = (site.folder(ENGLISH) / "guides" / "b.md").read_text(encoding="utf-8")
    assert text == f"[x]({leads}) `[x]({link})`\n\n```sh\n[x]({link})\n```\n"


@pytest.mark.parametrize("link", ["gone.md", "../../../out", "../../src/gone.py"])
def test_a_link_to_nothing_is_an_error(site: Site, link: str) -> None:
    with pytest.raises(SiteError, match=r"docs/guides/b\.md: the link"):
        site.write(Page(ENGLISH, "guides/b.md"), f"[x]({link})", "docs/guides/b.md")


def test_addresses() -> None:
    assert url_of(TURKISH, "index.md") == ""
    assert url_of(ENGLISH, "index.md") == "en/"
    assert url_of(ENGLISH, "guides/ollama.md") == "en/guides/ollama/"
    assert relative("en/guides/ollama/", "rehber/ollama/") == "../../../rehber/ollama/"
    assert relative("", "en/") == "en/"
    assert relative("en/", "") == "../"


def test_code_is_left_alone() -> None:
    text = "a `a` ``a ` a`` a\n```\na\n```\n~~~~\na\n~~~~\na"
    assert (
        outside_code(text, lambda part: part.replace("a", "b")) == "b `a` ``a ` a`` b\n```\na\n```\n~~~~\na\n~~~~\nb"
    )


def test_pairs_lead_both_ways() -> None:
    assert len(set(PAIRS.values())) == len(PAIRS)
    for turkish, english in PAIRS.items():
        assert counterpart(TURKISH, turkish) == english
        assert counterpart(ENGLISH, english) == turkish
    assert set(PAIRS) <= TURKISH.listed()
    assert set(PAIRS.values()) <= ENGLISH.listed()


def test_every_english_page_is_in_the_navigation_and_there() -> None:
    there = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert there == {page for page in ENGLISH.listed() if not page.startswith("kurs/")}


def test_a_forgotten_page_is_an_error(site: Site) -> None:
    with pytest.raises(SiteError, match=r"not in the navigation.*rehber/c\.md"):
        build.note(site, [], {})


@pytest.mark.parametrize(
    ("said", "repository", "site", "colab"),
    [
        ("https://github.com/ada/fidan.git", "https://github.com/ada/fidan", "https://ada.github.io/fidan/", True),
        ("git@github.com:ada/fidan.git\n", "https://github.com/ada/fidan", "https://ada.github.io/fidan/", True),
        ("https://gitlab.com/ada/fidan/", "https://gitlab.com/ada/fidan", "https://example.invalid/", False),
        ("/home/ada/fidan", "https://example.invalid/fidan", "https://example.invalid/", False),
        ("", "https://example.invalid/fidan", "https://example.invalid/", False),
    ],
)
def test_addresses_follow_from_the_repository_s(said: str, repository: str, site: str, colab: bool) -> None:
    found = address.address_of(said)
    assert (found.repository, found.site, bool(found.colab)) == (repository, site, colab)
    assert found.known is ("invalid" not in repository)


def test_no_owner_is_made_up() -> None:
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("belgeler/**/*.md"), ROOT / "mkdocs.yml"]:
        assert not re.search(r"github\.(com|io)/[\w-]+/fidan", path.read_text(encoding="utf-8")), path.name


def test_the_curve_is_that_of_the_table() -> None:
    figures = (ROOT / "docs" / "figures.md").read_text(encoding="utf-8")
    points, xz = curve.points(figures)
    assert [bits for _, bits in points] == sorted((bits for _, bits in points), reverse=True)
    assert xz > points[0][1]
    drawn = curve.draw(figures, "tr")
    assert drawn.count("<circle") == len(points)
    assert curve.number(xz, "tr", 2) in drawn
    with pytest.raises(SiteError, match=r"figures\.md"):
        curve.points(figures.replace("bits/byte", "loss"))


def test_the_generator_s_configuration(site: Site, tmp_path: Path) -> None:
    (site.root / "mkdocs.yml").write_text((ROOT / "mkdocs.yml").read_text(encoding="utf-8"), encoding="utf-8")
    site.folder(ENGLISH).mkdir(parents=True)
    path = build.configure(site, ENGLISH, [], ["fidan", "fidan.model"], tmp_path / "site")
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert config["site_url"] == "https://owner.github.io/name/en/"
    assert config["repo_name"] == "owner/name"
    assert {"API": [{"fidan": "reference/index.md"}, {"model": "reference/model.md"}]} in config["nav"]
