"""The overview of the course is true: every chapter is there and in it, and every link leads somewhere."""

import re
from pathlib import Path

from mutations import MUTATIONS

ROOT = Path(__file__).resolve().parents[2]
OVERVIEW = (ROOT / "kurs" / "README.md").read_text(encoding="utf-8")
CHAPTERS = sorted(path.name for path in (ROOT / "kurs").glob("[0-9][0-9]_*.py"))
LAST = 17


def test_the_chapters_are_numbered_without_a_gap() -> None:
    assert [int(name[:2]) for name in CHAPTERS] == list(range(LAST + 1))


def test_the_overview_lists_every_chapter_in_order_with_its_title() -> None:
    listed = re.findall(r"^\| (\d+) \| \[(.*?)\]\((.*?)\)", OVERVIEW, re.MULTILINE)
    assert [name for _, _, name in listed] == CHAPTERS
    for number, title, name in listed:
        text = (ROOT / "kurs" / name).read_text(encoding="utf-8")
        assert f"\n# # {number}. {title}\n" in text, f"{name} has another title than {number}. {title}"


def test_every_link_of_the_overview_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", OVERVIEW)
    assert len(links) > 100
    assert not [link for link in links if not (ROOT / "kurs" / link).exists()]


def test_every_topic_has_a_chapter_and_a_file_of_the_library() -> None:
    rows = OVERVIEW.split("## Konu haritası")[1].split("| --- | --- | --- |\n")[1].strip().splitlines()
    assert len(rows) >= 40
    for row in rows:
        topic, chapter, place = row.strip("| ").split(" | ")
        assert "](" in chapter, topic
        assert "](../" in place, topic


def test_every_mutation_fits_the_library_as_it_is() -> None:
    for mutation in MUTATIONS:
        text = (ROOT / "src" / "fidan" / mutation.file).read_text(encoding="utf-8")
        assert text.count(mutation.right) == 1, mutation.name
        assert all(any(name.startswith(number) for name in CHAPTERS) for number in mutation.chapters), mutation.name
