"""An executed notebook to a page of the course.

Text cells stay Markdown, code cells become code blocks with what they printed and drew below, cells tagged `cozum`
fold into a block “Çözüm”, and a line below the title leads to the notebook, to Colab and to the source. The notebook
that is offered is built from the source (`dev/notebooks.py`). It leaves out links, which `pages` leads, and the order
of chapters: that of names.
"""

import base64
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from notebooks import solves, sources
from website.address import Address
from website.pages import SiteError

IMAGES = {"image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpg"}
FILE = re.compile(
    r"(?<!\[)`(?P<path>(?:src|recipes|kurs|dev|tests|benchmarks|docs)/[\w./-]+)`(?P<line>, satır (?P<at>\d+))?"
)
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True)
class Chapter:
    """A chapter: its source in the repository, and where its page stands."""

    source: str
    notebook: Path

    @property
    def name(self) -> str:
        """The last part of its address."""
        return Path(self.source).stem.replace("_", "-")

    @property
    def page(self) -> str:
        """Its page, below the root of the Turkish pages."""
        return f"kurs/{self.name}.md"

    @property
    def download(self) -> str:
        """The notebook without outputs, below the root of the site."""
        return f"kurs/defterler/{Path(self.source).stem}.ipynb"


def find(root: Path) -> list[Chapter]:
    """Every chapter's source, with the place of its executed notebook: the course's first, then other notebooks."""
    built = root / "build" / "kurs"
    return [Chapter(path.relative_to(root).as_posix(), built / f"{path.stem}.ipynb") for path in sources(root)]


def read(chapter: Chapter) -> nbformat.NotebookNode:
    """The executed notebook; one that is missing or was not executed is an error."""
    if not chapter.notebook.is_file():
        raise SiteError(f"{chapter.source}: no executed notebook {chapter.notebook}; run `make course` first")
    notebook = nbformat.read(chapter.notebook, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    if any(cell.execution_count is None for cell in code):
        raise SiteError(f"{chapter.notebook}: a cell was not executed; run `make course` again")
    return notebook


def markdown(notebook: nbformat.NotebookNode, chapter: Chapter, address: Address, pictures: Path, root: Path) -> str:
    """The page. Pictures are written into `pictures`, a folder named after the chapter beside the page."""
    writer = _Writer(chapter, pictures, root)
    blocks: list[str] = []
    for folded, cells in itertools.groupby(notebook.cells, key=solves):
        text = "\n\n".join(block for cell in cells for block in writer.cell(cell))
        blocks.append(fold("Çözüm", text) if folded else text)
    title, found, rest = "\n\n".join(blocks).partition("\n")
    if not title.startswith("# "):
        raise SiteError(f"{chapter.source}: the first line of the first cell is no title (“# …”): {title!r}")
    opens = f" [Colab'da aç]({address.colab}/{chapter.download})" if address.colab else ""
    bar = (
        '<p class="defter" markdown="1">'
        f"[Defteri indir](defterler/{Path(chapter.source).stem}.ipynb)"
        f"{opens} [Kaynak kodu]({address.repository}/blob/main/{chapter.source})</p>"
    )
    return f"{title}\n\n{bar}\n{found}{rest}"


def fold(title: str, text: str) -> str:
    """A block that opens when it is clicked."""
    inner = "\n".join(f"    {line}" if line.strip() else "" for line in text.splitlines())
    return f'??? success "{title}"\n\n{inner}'


def fence(text: str, head: str) -> str:
    """A code block that no line of the text ends."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{head}\n{text}\n{ticks}"


class _Writer:
    """Writes the cells of one notebook, counting its pictures, and naming them after the heading they stand under."""

    def __init__(self, chapter: Chapter, pictures: Path, root: Path) -> None:
        self.chapter = chapter
        self.root = root
        self.pictures = pictures
        self.drawn = 0
        self.heading = ""

    def cell(self, cell: nbformat.NotebookNode) -> Iterator[str]:
        if cell.cell_type == "markdown":
            headings = re.findall(r"^#+ (.+)$", cell.source, re.M)
            self.heading = headings[-1] if headings else self.heading
            # “4. bölümde …” at the beginning of a paragraph is no list.
            text = re.sub(r"^(\d+)\. (?=[a-zçğıöşü])", r"\1\\. ", cell.source.strip(), flags=re.M)
            yield self.linked(text)
        elif cell.cell_type == "code" and cell.source.strip():
            yield fence(cell.source.rstrip(), "python")
            for name, outputs in itertools.groupby(cell.outputs, key=lambda output: output.output_type):
                if name == "stream":
                    yield from self.text("".join(output.text for output in outputs))
                else:
                    for output in outputs:
                        yield from self.output(output)

    def output(self, output: nbformat.NotebookNode) -> Iterator[str]:
        if output.output_type == "error":
            raise SiteError(f"{self.chapter.notebook}: a cell ends in {output.ename}: {output.evalue}")
        data: dict[str, Any] = output.data
        image = next((kind for kind in IMAGES if kind in data), None)
        if image is not None:
            yield self.picture(image, data[image])
        elif "text/markdown" in data:
            yield self.linked(data["text/markdown"].strip())
        elif "text/html" in data:
            lines = [line for line in data["text/html"].splitlines() if line.strip()]
            yield '<div class="cikti-html">\n' + "\n".join(lines) + "\n</div>"
        elif "text/plain" in data:
            yield from self.text(data["text/plain"])
        else:
            raise SiteError(f"{self.chapter.notebook}: an output of a kind that pages have not: {sorted(data)}")

    def linked(self, text: str) -> str:
        """The text with the names of the repository's files as links to them, where they are there."""

        def link(match: re.Match[str]) -> str:
            if not (self.root / match["path"]).exists():
                return match[0]
            line = f"#L{match['at']}" if match["at"] else ""
            return f"[`{match['path']}`](../{match['path']}{line}){match['line'] or ''}"

        parts = re.split(r"(^```.*?^```$)", text, flags=re.M | re.S)
        return "".join(part if part.startswith("```") else FILE.sub(link, part) for part in parts)

    def text(self, text: str) -> Iterator[str]:
        text = ESCAPES.sub("", text)
        lines = [line.rsplit("\r", 1)[-1].rstrip() for line in text.replace("\r\n", "\n").split("\n")]
        if any(lines):
            yield fence("\n".join(lines).strip("\n"), "{ .text .cikti .no-copy }")

    def picture(self, kind: str, data: str) -> str:
        self.drawn += 1
        name = f"{self.drawn:02}.{IMAGES[kind]}"
        self.pictures.mkdir(parents=True, exist_ok=True)
        content = data.encode() if kind == "image/svg+xml" else base64.b64decode(data)
        (self.pictures / name).write_bytes(content)
        alt = re.sub(r"[\[\]`$*]", "", self.heading)
        return f"![{alt}]({self.pictures.name}/{name}){{ .sekil }}"
