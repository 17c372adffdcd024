"""What the corpus stage finds of noise that was planted: precision and recall of every kind, through the whole stage.

    python benchmarks/planted_noise.py [--megabytes 12] [--noise 0.3] [--seed 11]

The text is synthetic and its labels say what was planted where; the settings are the defaults, but that what prose
looks like is not asked (`corpus.quality`): the stories are short and made from patterns, and the rules' verdicts are
compared with datatrove's in `corpus.py`. As the patterns' own lines repeat, too, repeated lines are left alone while
the other kinds are scored, and scored by themselves: footers at an end of 60 stories each, which should go from all
but the first, and sayings within 60 stories each, which should stay.

What counts as found, and as a mistake:

=================== ========================================= ====================================================
kind                found                                     mistake
=================== ========================================= ====================================================
menu, cookie        the line is gone                          a good line of any document is gone
mojibake            the text is as it was before              a clean document's text is another one
control_characters  likewise                                  likewise
html                the good lines are there, and no markup   likewise
personal_data       the value is gone, where it is valid      a placeholder more, or a wrong number gone
foreign             the document is gone                      a document in Turkish was dropped as foreign
too_short           the document is gone                      one with `ENOUGH` words was dropped as short
exact_duplicate     one of the two is gone                    dropped as equal, and no other document is
near_duplicate      one of the two, of at least `NEAR`, is    dropped as near, and nothing is as near as `FAR`
                    gone
repeated_line       the footer is gone                        a saying is gone
clean               a document without noise is kept          (those that go as duplicates are of the rows above)
=================== ========================================= ====================================================

A number with a wrong check digit is no personal data: it is planted to be left alone, and found where it stands. What
this leaves out: real text, of which nobody knows what should be found.
"""

import argparse
import random
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import orjson

from fidan import turkish
from fidan.corpus.cleaning.normalize import normalize
from fidan.corpus.cleaning.personal_data import PLACEHOLDERS
from fidan.corpus.config import CorpusConfig, NearDuplicatesConfig, QualityConfig, RepeatedLinesConfig, Source
from fidan.corpus.documents import SPLITS, read_documents, shards
from fidan.corpus.pipeline import build_corpus
from fidan.corpus.synthetic.generator import SyntheticDocument, generate
from fidan.corpus.synthetic.noise import NOISE_KINDS
from fidan.corpus.synthetic.numerals import numeral
from fidan.progress import ConsoleReporter, Reporter

ENOUGH = 10  # words: no text of so many is too short
PLANTED_LINES, PLANTED_IN = 20, 60  # different lines of each sort, and the stories that each stands in
NEAR, FAR = 0.8, 0.6  # Jaccard similarity of sets of five words: from here on near, and below that not
_FOREIGN = ("foreign", "language_unsure")
_SHORT = ("too_short", "few_words", "empty")
_COPIES = ("duplicate", "near_duplicate", "in_validation", "near_validation")
_MARKUP = re.compile(r"</?[a-z!]|&[a-z]+;|-->", re.ASCII)


@dataclass
class Score:
    """Of one kind."""

    planted: int = 0
    found: int = 0
    mistakes: int = 0

    @property
    def recall(self) -> float:
        """Share of what was planted that was found; 1 where nothing was planted."""
        return self.found / self.planted if self.planted else 1.0

    @property
    def precision(self) -> float:
        """Share of what was done that was right."""
        return self.found / (self.found + self.mistakes) if self.found else float(self.mistakes == 0)

    def count(self, found: bool) -> None:
        """One more was planted."""
        self.planted += 1
        self.found += found


def score(
    documents: Sequence[SyntheticDocument],
    clean: Sequence[SyntheticDocument],
    kept: Mapping[int, str],
    dropped: Mapping[int, str],
) -> dict[str, Score]:
    """Precision and recall of every kind.

    Args:
        documents: as `generate` made them, with noise.
        clean: as it makes them without, of the same seed: document i is what document i would be without its noise.
        kept: by number, the texts that came out.
        dropped: by number, why the others did not.
    """
    scores = {kind: Score() for kind in (*NOISE_KINDS, "clean")}
    for number, document in enumerate(documents):
        kinds = {label.kind for label in document.labels}
        text, good = kept.get(number), normalize(clean[number].text)
        if not kinds:
            scores["clean"].count(text is not None or dropped[number] in _COPIES)
        for label in document.labels:
            if label.kind in ("foreign", "too_short"):
                scores[label.kind].count(text is None)
            elif label.kind in ("exact_duplicate", "near_duplicate"):
                other = int(label.detail.split()[0])
                if label.kind == "exact_duplicate" or _jaccard(document.text, documents[other].text) >= NEAR:
                    scores[label.kind].count(text is None or other not in kept)
            elif text is not None:
                scores[label.kind].count(_is_repaired(label.kind, label.detail, good, text))
        if text is not None and not kinds & {"foreign", "too_short", "exact_duplicate", "near_duplicate"}:
            _count_mistakes(scores, document, good, text)
    _count_wrong_drops(scores, documents, dropped)
    return scores


def _is_repaired(kind: str, detail: str, before: str, text: str) -> bool:
    if kind in ("menu", "cookie"):
        return normalize(detail) not in text.split("\n")
    if kind == "html":
        return not _MARKUP.search(text) and not _lost(before, text)
    if kind == "personal_data":
        what, _, value = detail.partition(":")
        return (value in text) if what.startswith("invalid_") else (value not in text)
    return text == before


def _lost(before: str, text: str) -> int:
    """How many good lines are gone."""
    return sum((Counter(before.split("\n")) - Counter(text.split("\n"))).values())


def _count_mistakes(scores: dict[str, Score], document: SyntheticDocument, before: str, text: str) -> None:
    kinds = {label.kind for label in document.labels}
    if not kinds & {"mojibake", "control_characters"}:  # where a line may differ for another reason
        lost = _lost(before, text)
        scores["menu"].mistakes += lost
        scores["cookie"].mistakes += lost
    if not kinds and text != before:
        for kind in ("mojibake", "control_characters", "html"):
            scores[kind].mistakes += 1
    values = [label.detail for label in document.labels if label.kind == "personal_data"]
    masked = sum(map(text.count, PLACEHOLDERS.values())) - sum(map(before.count, PLACEHOLDERS.values()))
    valid = sum(not value.startswith("invalid_") for value in values)
    scores["personal_data"].mistakes += max(0, masked - valid)


def _count_wrong_drops(
    scores: dict[str, Score], documents: Sequence[SyntheticDocument], dropped: Mapping[int, str]
) -> None:
    folded = Counter(turkish.fold(normalize(document.text)) for document in documents)
    shingled: dict[int, frozenset[str]] = {}
    index: dict[str, list[int]] = {}
    if "near_duplicate" in dropped.values():
        for number, document in enumerate(documents):
            shingled[number] = _shingles(document.text)
            for shingle in shingled[number]:
                index.setdefault(shingle, []).append(number)
    for number, reason in dropped.items():
        kinds = {label.kind for label in documents[number].labels}
        text = documents[number].text
        if reason in _FOREIGN:
            scores["foreign"].mistakes += "foreign" not in kinds
        elif reason in _SHORT:
            enough = len(turkish.words(normalize(text))) >= ENOUGH
            scores["too_short"].mistakes += not kinds & {"too_short", "foreign"} and enough
        elif reason == "duplicate":
            scores["exact_duplicate"].mistakes += folded[turkish.fold(normalize(text))] < 2
        elif reason == "near_duplicate":
            scores["near_duplicate"].mistakes += _nearest(number, shingled, index) < FAR


def _shingles(text: str) -> frozenset[str]:
    words = [turkish.fold(word) for word in turkish.words(normalize(text))]
    return frozenset(" ".join(words[at : at + 5]) for at in range(max(1, len(words) - 4)))


def _jaccard(one: str, other: str) -> float:
    first, second = _shingles(one), _shingles(other)
    return len(first & second) / len(first | second)


def _nearest(number: int, shingled: Mapping[int, frozenset[str]], index: Mapping[str, list[int]]) -> float:
    """The greatest Jaccard similarity of a document with any other."""
    mine = shingled[number]
    shared = Counter(other for shingle in mine for other in index[shingle] if other != number)
    return max(
        (both / (len(mine) + len(shingled[other]) - both) for other, both in shared.items()),
        default=0.0,
    )


def table(scores: Mapping[str, Score]) -> Iterable[str]:
    """The scores as lines to print."""
    yield f"{'kind':<20} {'planted':>8} {'found':>8} {'mistakes':>9} {'recall':>8} {'precision':>10}"
    for kind, one in scores.items():
        numbers = f"{one.planted:>8,} {one.found:>8,} {one.mistakes:>9,} {one.recall:>8.4f} {one.precision:>10.4f}"
        yield f"{kind:<20} {numbers}"


def run_and_score(noise: float, size: int, seed: int, folder: Path, reporter: Reporter) -> dict[str, Score]:
    """Make corpora of synthetic text and score them.

    Args:
        noise: share of the documents with noise.
        size: bytes of text.
        seed: of the text.
        folder: a new one.
        reporter: shows the work.
    """
    config = CorpusConfig(
        sources=(Source(f"synthetic:{size}"),),
        noise=noise,
        quality=QualityConfig(enabled=False),
        repeated_lines=RepeatedLinesConfig(min_documents=0),
        samples=1 << 30,  # what was dropped is told of every document
    )
    build_corpus(config, seed, folder / "noise", reporter)
    documents = list(generate(seed, size, noise=noise))
    without = generate(seed, size * 2, noise=0.0)
    clean = [document for document, _ in zip(without, documents, strict=False)]
    kept, dropped = _texts(folder / "noise"), {}
    for path in sorted((folder / "noise" / "samples" / "dropped").glob("*.jsonl")):
        for line in path.read_bytes().splitlines():
            dropped[_number(orjson.loads(line)["id"])] = path.stem
    assert len(kept) + len(dropped) == len(documents) == len(clean)
    repeated = _score_repeated_lines(seed, folder, reporter)
    return {**score(documents, clean, kept, dropped), "repeated_line": repeated}


def _score_repeated_lines(seed: int, folder: Path, reporter: Reporter) -> Score:
    draw = random.Random(seed)
    stories = [story.text.split("\n") for story in islice(generate(seed, 1 << 40, kinds={"story": 1.0}), 3000)]
    stories = [story for story in stories if len(story) > 2]
    places = {"footer": (0, None), "saying": (1, -1)}
    planted: Counter[str] = Counter()
    for sort, where in places.items():
        for number in range(PLANTED_LINES):
            text = "Bu sitede yer alan yazılar" if sort == "footer" else "Dedem hep böyle derdi:"
            line = f"{text} {numeral(number).text} {numeral(number + 7).text}."
            for story in draw.sample(stories, PLANTED_IN):
                place = draw.choice(where) if sort == "footer" else draw.randrange(1, len(story))
                story.insert(len(story) if place is None else place, line)
                planted[line] += 1
    source = folder / "lines.txt"
    source.write_text("\n\n".join("\n".join(story) for story in stories), encoding="utf-8")
    config = CorpusConfig(
        sources=(Source(str(source)),),
        quality=QualityConfig(enabled=False),
        drop_duplicates=False,
        near_duplicates=NearDuplicatesConfig(enabled=False),
    )
    build_corpus(config, seed, folder / "lines", reporter)
    left = Counter(line for text in _texts(folder / "lines").values() for line in text.split("\n"))
    made = Score()
    for line, count in planted.items():
        if line.startswith("Bu sitede"):
            made.planted += count - 1
            made.found += count - max(1, left[line])
        else:
            made.mistakes += count - left[line]
    return made


def _texts(folder: Path) -> dict[int, str]:
    """By number, the documents that came out."""
    return {
        _number(record["id"]): record["text"]
        for split in SPLITS
        for path in shards(folder, split)
        for record in read_documents(path)
    }


def _number(identifier: str) -> int:
    return int(identifier.rpartition("/")[2])


def main() -> None:
    """Make the corpus and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=12.0)
    parser.add_argument("--noise", type=float, default=0.3, help="share of the documents with noise")
    parser.add_argument("--seed", type=int, default=11)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        size = int(arguments.megabytes * 1e6)
        scores = run_and_score(arguments.noise, size, arguments.seed, Path(folder), ConsoleReporter())
    print("\n".join(table(scores)))


if __name__ == "__main__":
    main()
