"""Sources to pages: where each file of the repository stands on the site, and what becomes of a link to it.

A link to a page of the same language stays a link to Markdown, which the generator checks; one to the other language
becomes its address; one to a picture takes the picture along; one to any other file of the repository leads to it on
the web; one to nothing is an error. It leaves out anchors, which are checked in what was built.
"""

import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from website.address import Address
from website.languages import Language, counterpart, url_of

PICTURES = {".svg", ".png", ".jpg", ".gif", ".webp"}
CODE = re.compile(
    r"(^(?P<fence>`{3,}|~{3,}).*?^(?P=fence)`*\s*$|(?<!`)(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))", re.S | re.M
)
LINK = re.compile(r"(?P<before>\]\(|^\[[^\]\n]+\]: |(?:href|src)=\")(?P<target>[^)\s\"]+)", re.M)


class SiteError(Exception):
    """Something that must be mended before the site can be built."""


@dataclass(frozen=True)
class Page:
    """A page: of which language, and where below its root."""

    language: Language
    path: str

    @property
    def url(self) -> str:
        """Its address on the site."""
        return url_of(self.language, self.path)


@dataclass
class Site:
    """The checkout, where pages are assembled, and which file is which page."""

    root: Path
    assembled: Path
    address: Address
    pages: dict[str, Page] = field(default_factory=dict)

    def folder(self, language: Language) -> Path:
        """Where the Markdown of a language is assembled."""
        return self.assembled / language.code

    def file_url(self, path: str) -> str:
        """The address of a file or folder of the repository."""
        return f"{self.address.repository}/{'tree' if (self.root / path).is_dir() else 'blob'}/main/{path}"

    def add(self, source: str, language: Language, path: str) -> None:
        """Notes that a file of the repository is a page."""
        self.pages[source] = Page(language, path)

    def write(self, page: Page, text: str, source: str) -> None:
        """Writes a page, its links led to where their targets are; `source` is the file its links start from."""
        target = self.folder(page.language) / page.path
        target.parent.mkdir(parents=True, exist_ok=True)
        text = outside_code(text, lambda part: self._links(part, page, source))
        target.write_text(self._switch(page, text), encoding="utf-8")

    def _switch(self, page: Page, text: str) -> str:
        """The page with the other language's address in its head, for the language switch."""
        other = counterpart(page.language, page.path)
        if other is None:
            return text
        home = next(p for p in self.pages.values() if p.language is not page.language and p.path == other)
        line = f"switch: {relative(page.url, home.url)}\n"
        return f"---\n{line}{text[4:]}" if text.startswith("---\n") else f"---\n{line}---\n\n{text}"

    def _links(self, text: str, page: Page, source: str) -> str:
        def lead(match: re.Match[str]) -> str:
            return match["before"] + self._lead(match["target"], page, source)

        return LINK.sub(lead, text)

    def _lead(self, target: str, page: Page, source: str) -> str:
        if target.startswith(("#", "//")) or re.match(r"[a-z][a-z+.-]*:", target):
            return target
        path, hash_sign, anchor = target.partition("#")
        if ((self.folder(page.language) / page.path).parent / path).is_file():
            return target  # made for this page: a picture of its own, its notebook
        try:
            found = resolve(source, path)
        except ValueError as error:
            raise SiteError(f"{source}: the link {target} leads out of the repository") from error
        there = self.pages.get(found) or self.pages.get(found.removesuffix(".ipynb") + ".py")
        if there is None and not (self.root / found).exists():
            raise SiteError(f"{source}: the link {target} leads nowhere: no {found}")
        if there is None and PurePosixPath(found).suffix in PICTURES:
            return self._picture(found, page)
        if there is None:
            return self.file_url(found) + hash_sign + anchor
        if there.language is page.language:
            here = PurePosixPath(page.path).parent
            return os.path.relpath(there.path, here).replace(os.sep, "/") + hash_sign + anchor
        # From the folder of the Markdown: the generator makes of it the way from the page's address.
        here = f"{page.language.prefix}{PurePosixPath(page.path).parent.as_posix()}/"
        return relative(here, there.url) + hash_sign + anchor

    def _picture(self, found: str, page: Page) -> str:
        copy = self.folder(page.language) / "pictures" / found
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.root / found, copy)
        here = (self.folder(page.language) / page.path).parent
        return os.path.relpath(copy, here).replace(os.sep, "/")


def resolve(source: str, path: str) -> str:
    """The file of the repository that a relative link in `source` means."""
    found = os.path.normpath(PurePosixPath(source).parent / path).replace(os.sep, "/")
    if found.startswith(".."):
        raise ValueError(path)
    return found


def relative(here: str, there: str) -> str:
    """The way from one address of the site to another."""
    way = os.path.relpath("/" + there, "/" + here).replace(os.sep, "/")
    return f"{way}/" if there.endswith("/") or not there else way


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """The text with `change` applied to what is neither a code block nor a code span."""
    parts, end = [], 0
    for match in CODE.finditer(text):
        parts += [change(text[end : match.start()]), match[0]]
        end = match.end()
    return "".join([*parts, change(text[end:])])
