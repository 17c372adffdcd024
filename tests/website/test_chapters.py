"""An executed notebook becomes a page: text, code, outputs, pictures, solutions, and the notebook to take home."""

import base64
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from website import chapters
from website.address import address_of
from website.chapters import Chapter
from website.pages import SiteError

ROOT = Path(__file__).resolve().parents[2]
REPOSITORY = "https://github.com/owner/name"
PNG = base64.b64encode(b"\x89PNG picture").decode()


@pytest.fixture
def chapter(tmp_path: Path) -> Chapter:
    return Chapter("kurs/04_nokta.py", tmp_path / "04_nokta.ipynb")


def code(source: str, *outputs: nbformat.NotebookNode, tags: tuple[str, ...] = ()) -> nbformat.NotebookNode:
    return new_code_cell(source, outputs=list(outputs), execution_count=1, metadata={"tags": list(tags)})


def page(chapter: Chapter, tmp_path: Path, *cells: nbformat.NotebookNode) -> str:
    notebook = new_notebook(cells=[new_markdown_cell("# 4. Nokta\n\nGiriş."), *cells])
    return chapters.markdown(notebook, chapter, address_of(REPOSITORY), tmp_path / "04-nokta", ROOT)


def test_the_head_of_a_page(chapter: Chapter, tmp_path: Path) -> None:
    text = page(chapter, tmp_path)
    assert text.startswith("# 4. Nokta\n")
    assert "(defterler/04_nokta.ipynb)" in text
    assert "github/owner/name/blob/notebooks/kurs/defterler/04_nokta.ipynb)" in text
    assert f"[Kaynak kodu]({REPOSITORY}/blob/main/kurs/04_nokta.py)" in text, "the file, not this page"
    away = chapters.markdown(
        new_notebook(cells=[new_markdown_cell("# 4. Nokta")]), chapter, address_of(""), tmp_path, ROOT
    )
    assert "Colab" not in away, "no link to a place that is not known"
    assert text.endswith("Giriş.")


def test_code_and_what_it_printed(chapter: Chapter, tmp_path: Path) -> None:
    said = new_output("stream", name="stdout", text="\x1b[31m``` bir\n")
    more = new_output("stream", name="stdout", text="iki\n")
    text = page(chapter, tmp_path, code("print('``` bir')", said, more))
    assert "````python\nprint('``` bir')\n````" in text
    assert "````{ .text .cikti .no-copy }\n``` bir\niki\n````" in text


def test_a_picture_is_a_file_named_after_its_heading(chapter: Chapter, tmp_path: Path) -> None:
    drawn = new_output("display_data", data={"image/png": PNG, "text/plain": "<Figure>"})
    text = page(chapter, tmp_path, new_markdown_cell("## Harita"), code("ciz()", drawn))
    assert "![Harita](04-nokta/01.png)" in text
    assert "<Figure>" not in text
    assert (tmp_path / "04-nokta" / "01.png").read_bytes() == base64.b64decode(PNG)


def test_solutions_fold(chapter: Chapter, tmp_path: Path) -> None:
    said = new_output("stream", name="stdout", text="42\n")
    text = page(chapter, tmp_path, code("x = 1", tags=("cozum",)), code("y", said, tags=("cozum",)), code("z = 3"))
    assert text.count('??? success "Çözüm"') == 1
    folded = text.partition("??? success")[2]
    assert "    ```python\n    x = 1\n    ```" in folded
    assert "    42" in folded
    assert "\n```python\nz = 3\n```" in folded


def test_files_of_the_repository_are_linked(chapter: Chapter, tmp_path: Path) -> None:
    shown = new_output(
        "display_data", data={"text/markdown": "`src/fidan/model/norm.py`, satır 7:\n\n```python\nx\n```"}
    )
    text = page(
        chapter, tmp_path, new_markdown_cell("`src/fidan/yok.py` ve `src/fidan/turkish.py`"), code("k()", shown)
    )
    assert "[`src/fidan/model/norm.py`](../src/fidan/model/norm.py#L7), satır 7" in text
    assert "[`src/fidan/turkish.py`](../src/fidan/turkish.py)" in text
    assert "`src/fidan/yok.py` ve" in text


def test_a_chapter_s_number_begins_no_list(chapter: Chapter, tmp_path: Path) -> None:
    assert "4\\. bölümde" in page(chapter, tmp_path, new_markdown_cell("4. bölümde gördük."))
    assert "1. Birinci" in page(chapter, tmp_path, new_markdown_cell("1. Birinci\n2. İkinci"))


def test_what_cannot_be_a_page(chapter: Chapter, tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="ValueError: olmaz"):
        page(chapter, tmp_path, code("x", new_output("error", ename="ValueError", evalue="olmaz", traceback=[])))
    with pytest.raises(SiteError, match="video/mp4"):
        page(chapter, tmp_path, code("x", new_output("display_data", data={"video/mp4": ""})))
    with pytest.raises(SiteError, match="no title"):
        chapters.markdown(new_notebook(cells=[new_markdown_cell("Giriş")]), chapter, address_of(""), tmp_path, ROOT)


def test_a_notebook_that_is_missing_or_was_not_executed(chapter: Chapter) -> None:
    with pytest.raises(SiteError, match="run `make course` first"):
        chapters.read(chapter)
    nbformat.write(new_notebook(cells=[new_code_cell("x = 1")]), chapter.notebook)
    with pytest.raises(SiteError, match="was not executed"):
        chapters.read(chapter)


def test_chapters_come_in_order_and_notebooks_after_them(tmp_path: Path) -> None:
    for path in ("kurs/10_b.py", "kurs/02_a.py", "kurs/yardimci.py", "notebooks/veri.py"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("", encoding="utf-8")
    assert [chapter.page for chapter in chapters.find(tmp_path)] == ["kurs/02-a.md", "kurs/10-b.md", "kurs/veri.md"]
