"""Every internal link of the built site leads somewhere, and no page loads anything from elsewhere.

Checked are `href` and `src` of the built HTML: the file must be there, and so must the element that an anchor names.
A link to a file of our own repository must be one of the checkout. Relative links of the repository's Markdown are
checked without a build. It leaves out other sites, which `external` lists and asks on demand.
"""

import os
import re
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from website.pages import CODE, LINK, resolve

LOADED = {"script", "img", "iframe", "source", "video", "audio"}
MARKDOWN = ("*.md", "docs/**/*.md", "belgeler/**/*.md", "kurs/*.md", ".github/**/*.md")


@dataclass
class Scan(HTMLParser):
    """What one page links to, what it loads, and which anchors it has."""

    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    doubled: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Takes what an element names, links to and loads."""
        values = dict(attrs)
        for name in filter(None, (values.get("id"), values.get("name") if tag == "a" else None)):
            (self.doubled if name in self.anchors else self.anchors).add(name)
        style = tag == "link" and values.get("rel") in ("stylesheet", "icon", "preload", "preconnect")
        if tag in LOADED or style:
            self.loads += filter(None, (values.get("src"), values.get("href")))
        elif tag != "link" or values.get("rel") != "canonical":
            self.links += filter(None, (values.get("href"),))


def scan(text: str) -> Scan:
    """Reads one page."""
    found = Scan()
    found.feed(text)
    found.close()
    return found


def check_site(built: Path, root: Path, repository: str, base: str) -> list[str]:
    """What is wrong with the links of a built site, a line each; `base` is the site's path on its server."""
    pages = {path: scan(path.read_text(encoding="utf-8")) for path in sorted(built.rglob("*.html"))}
    wrong = []
    for path, page in pages.items():
        name = path.relative_to(built).as_posix()
        wrong += [f"{name}: two elements have the id {anchor!r}" for anchor in sorted(page.doubled)]
        for target in page.loads:
            if urlsplit(target).scheme not in ("", "data") or target.startswith("//"):
                wrong.append(f"{name}: loads {target} from elsewhere")
        for target in [*page.links, *page.loads]:
            problem = _problem(target, path, built, pages, root, repository, base)
            if problem:
                wrong.append(f"{name}: {target}: {problem}")
    return wrong


def _problem(
    target: str, path: Path, built: Path, pages: dict[Path, Scan], root: Path, repository: str, base: str
) -> str:
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return _in_repository(target, root, repository)
    way = unquote(parts.path)
    way = f"{built}/{way.removeprefix(base)}" if way.startswith(base) else way  # 404.html, which stands anywhere
    file = Path(os.path.normpath(path.parent / way)) if way else path
    if not file.is_relative_to(built):
        return "leads out of the site"
    if file.is_dir() or parts.path.endswith("/"):
        file = file / "index.html"
    if not file.is_file():
        return "no such page"
    anchor = unquote(parts.fragment)
    if anchor and file in pages and anchor not in pages[file].anchors:
        return "no such anchor"
    return ""


def _in_repository(target: str, root: Path, repository: str) -> str:
    for kind in ("blob", "tree", "edit"):
        start = f"{repository}/{kind}/main/"
        if target.startswith(start):
            path = unquote(urlsplit(target.removeprefix(start)).path)
            return "" if (root / path).exists() else "no such file in the repository"
    return ""


def external(built: Path) -> list[str]:
    """The addresses of other sites that pages link to."""
    found = set()
    for path in built.rglob("*.html"):
        links = scan(path.read_text(encoding="utf-8")).links
        found |= {target for target in links if urlsplit(target).scheme in ("http", "https")}
    return sorted(found)


def ask(address: str, seconds: float = 15.0) -> str:
    """What is wrong with an address of another site; empty where it answers."""
    request = urllib.request.Request(address, headers={"User-Agent": "Mozilla/5.0 (link check)"})
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            return "" if answer.status < 400 else f"status {answer.status}"
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        return str(error)


def slug(heading: str) -> str:
    """The anchor that GitHub and the site give a heading."""
    plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip()
    return re.sub(r"[^\w\- ]", "", plain).lower().replace(" ", "-")


def check_markdown(root: Path, patterns: tuple[str, ...] = MARKDOWN) -> list[str]:
    """Relative links of the repository's Markdown that lead nowhere, a line each."""
    wrong = []
    for path in sorted({path for pattern in patterns for path in root.glob(pattern)}):
        source = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8")
        targets = [match["target"] for match in LINK.finditer(CODE.sub("", text))]
        wrong += [f"{source}: {target}: {said}" for target in targets if (said := _relative(target, source, root))]
    return wrong


def _relative(target: str, source: str, root: Path) -> str:
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return ""
    try:
        file = root / (resolve(source, unquote(parts.path)) if parts.path else source)
    except ValueError:
        return "leads out of the repository"
    if not file.exists():
        return "no such file"
    if parts.fragment and file.suffix == ".md":
        headings = re.findall(r"^#+ (.+?)(?: \{.*\})?$", file.read_text(encoding="utf-8"), re.M)
        if unquote(parts.fragment) not in {slug(heading) for heading in headings}:
            return "no such heading"
    return ""
