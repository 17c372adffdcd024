"""The raw corpora that can be fetched by name: where they lie, who made them and under which terms.

What it leaves out: the fetching (`fidan.corpus.sources.download`).
"""

import difflib
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from fidan.errors import SourceError


@dataclass(frozen=True)
class Dataset:
    """A file on the web, and what one must know before using it."""

    name: str
    url: str
    about: str  # what it is
    source: str  # who made it, to be cited
    terms: str  # under which it may be used
    page: str  # where its makers tell of it
    bytes: int | None = None  # None where they are not published
    sha256: str = ""  # empty where it is not published
    hub: str = ""  # its id on the Hugging Face Hub, where it is there too

    def __post_init__(self) -> None:
        if urlsplit(self.url).scheme not in ("http", "https") or not self.file:
            raise SourceError(f"{self.url}: not the http(s) address of a file.")

    @property
    def file(self) -> str:
        """The name of the file, without its folder."""
        return PurePosixPath(urlsplit(self.url).path).name


DATASETS = {
    dataset.name: dataset
    for dataset in (
        Dataset(
            name="cc100-tr",
            url="https://data.statmt.org/cc-100/tr.txt.xz",
            about="Turkish web pages of 2018 from Common Crawl: a paragraph a line, an empty line between documents",
            source="Conneau et al. 2020, Unsupervised Cross-lingual Representation Learning at Scale (XLM-R), and "
            "Wenzek et al. 2020, CCNet: Extracting High Quality Monolingual Datasets from Web Crawl Data; prepared "
            "by the machine translation group of the University of Edinburgh",
            terms="Edinburgh claims no intellectual property in having prepared it. The text is that of web pages: "
            "it is used under the terms of Common Crawl (https://commoncrawl.org/terms-of-use), the rights of its "
            "authors remain, and it may hold personal data",
            page="https://data.statmt.org/cc-100/",
            bytes=5_710_467_188,
            hub="statmt/cc100",
        ),
    )
}


def find_dataset(name: str) -> Dataset:
    """The dataset of that name.

    Raises:
        SourceError: there is none; the message names the nearest.
    """
    if name in DATASETS:
        return DATASETS[name]
    near = difflib.get_close_matches(name, DATASETS, n=1)
    meant = f" Did you mean {near[0]}?" if near else ""
    raise SourceError(f"{name}: no dataset of that name is known.{meant} Known: {', '.join(DATASETS)}.")
