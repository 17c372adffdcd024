"""The page tells the counts it was given, stands alone, and no text of a document can break out of its box."""

import random
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import orjson
import pytest

from fidan.corpus.report_page import make_page, write_page
from fidan.errors import ArtifactMismatch

SENTENCES = (
    "Sabah erkenden kalkıp bahçedeki çiçekleri sulayan kadın, komşusuyla uzun uzun konuştu.",
    "Belediye, yeni otobüs hatlarının gelecek hafta çalışmaya başlayacağını duyurdu.",
    "Öğretmen sınıfa girince çocuklar sessizleşti ve ders başladı.",
    "Yağmur dinince balıkçılar yeniden denize açıldı, akşama kadar çalıştılar.",
)
TRAIN = (
    ("clean", "valid UTF-8", {"invalid_utf8": 212}, 0.0),
    ("clean", "normalize", {}, 0.006),
    ("clean", "boilerplate", {}, 0.041),
    ("clean", "personal data", {}, 0.0004),
    ("filter", "repeated lines", {}, 0.032),
    ("filter", "length", {"too_short": 9120, "empty": 830, "too_long": 41}, 0.0),
    ("filter", "language", {"foreign": 5210, "language_unsure": 2300}, 0.011),
    ("filter", "quality", {"few_words": 44_210, "line_punctuation": 18_330, "duplicate_lines": 3120}
     | {"few_stop_words": 2544, "top_2_gram": 1322, "duplicate_10_grams": 980, "few_letters": 611}, 0.0),
    ("filter", "decontamination", {"contaminated": 4}, 0.0),
    ("write", "duplicates", {"duplicate": 8120, "near_duplicate": 31_870}, 0.0),
)  # fmt: skip
COST = {"too_short": 90, "few_words": 260, "empty": 0, "line_punctuation": 1400, "near_duplicate": 4100}
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "]]> --> </details></section></style></title></svg><b>loose & \"quoted\" 'text'",
    "\u202eters\u2066\u200bzero\u00ad\0\x1b[31m\ud7ff\ufeff",
    "a" * 1_000_000,
    "<" * 3000,
    "\n\n  çok\n\tboşluk\n",
)


def flow(documents: int, volume: int, split: str, plan: tuple[Any, ...]) -> list[dict[str, Any]]:
    """The steps of a split: what goes into one is what came out of the one before."""
    steps = []
    for phase, name, dropped, inside in plan:
        lost = sum(number * COST.get(reason, 2000) for reason, number in dropped.items())
        after = documents - sum(dropped.values()), volume - lost - round(volume * inside)
        steps.append(
            {"phase": phase, "split": split, "name": name, "documents_in": documents, "documents_out": after[0],
             "bytes_in": volume, "bytes_out": after[1], "dropped": dict(dropped)}
        )  # fmt: skip
        documents, volume = after
    return steps


def make_report() -> dict[str, Any]:
    """As the corpus stage leaves it, for a corpus of a third of a million documents."""
    steps = flow(329_144, 1_120_000_000, "train", TRAIN)
    steps += flow(4210, 9_000_000, "valid", (("clean", "normalize", {}, 0.01), ("write", "duplicates", {}, 0.0)))
    reasons: Counter[str] = Counter()
    for step in steps:
        reasons.update(step["dropped"])
    dropped = {
        reason: {"documents": number, "bytes": number * COST.get(reason, 2000)} for reason, number in reasons.items()
    }
    train = {"documents": steps[9]["documents_out"], "bytes": steps[9]["bytes_out"]}
    valid = {"documents": 4210, "bytes": steps[-1]["bytes_out"]}
    edges = [round(2 ** (number / 2)) for number in range(6, 37)]
    chance = random.Random(4)
    read = Counter(min(max(int(chance.gauss(21, 3.3)), 6), 35) for _ in range(30_000))
    kept = {place: int(11 * number * min(1, max(0, place - 14) / 8)) for place, number in read.items()}
    return {
        "read": {"documents": 333_354, "bytes": 1_129_000_000},
        "train": train,
        "valid": valid,
        "dropped": dropped,
        "steps": steps,
        "lines": {
            "repeated": {"lines": 91_204, "bytes": 9_100_000, "top": [["Sitemizdeki içerik bilgi amaçlıdır.", 3120]]},
            "share": {"lines": 40_111, "bytes": 1_400_000, "top": [["Paylaş", 9120], ["Facebook'ta paylaş", 4410],
                      ["Tweetle", 2103], ["WhatsApp'tan gönder", 901]]},
            "menu": {"lines": 33_120, "bytes": 2_300_000, "top": [["Ana Sayfa | Hakkımızda | İLETİŞİM", 2203]]},
            "cookie": {"lines": 9031, "bytes": 1_800_000, "top": [["Bu site çerez kullanır.", 811]]},
        },
        "changes": {"encoding": 1203, "markup": 8120, "email": 3011, "phone": 2290, "tckn": 12, "plate": 3},
        "notes": {"invalid_bytes": 1290, "repaired": 1078, "cut": 2, "something_else": 0},
        "details": {"foreign": {"az": 1204, "en": 2810, "tk": 301, "ru": 220, "de": 201, "ar": 100, "ku": 9, "fr": 2},
                    "few_words": {"12": 1000, "48": 2000, "49": 900}},
        "sources": {
            "tr-web": {"split": "train", "read": {"documents": 300_000, "bytes": 1_000_000_000},
                       "train": {"documents": 181_000, "bytes": 800_000_000}, "valid": {"documents": 0, "bytes": 0},
                       "dropped": {"few_words": {"documents": 44_210, "bytes": 11_000_000}}},
            "forum": {"split": "train", "read": {"documents": 29_144, "bytes": 120_000_000},
                      "train": {"documents": 19_320, "bytes": 60_000_000},
                      "dropped": {"near_duplicate": {"documents": 6000, "bytes": 30_000_000}}},
            "held out": {"split": "valid", "read": {"documents": 4210, "bytes": 9_000_000},
                         "valid": {"documents": 4210, "bytes": 8_910_000}, "dropped": {}},
        },
        "histograms": {
            "length": {"edges": edges, "read": [11 * read[place] for place in range(6, 36)],
                       "kept": [kept.get(place, 0) for place in range(6, 36)]},
            "languages": {"tr": 301_204, "en": 2810, "az": 1204, "tk": 301, "ru": 220, "de": 201, "ar": 100},
        },
        "clusters": {"sizes": {"1": 180_233, "2": 9120, "3": 2201, "4-7": 1840, "8-15": 402, "16-99": 120, "100+": 3},
                     "documents": 240_419,
                     "largest": [{"size": 1204, "id": "tr-web/881", "text": "\n".join(SENTENCES)}]},
        "perplexity": {"cuts": [412.21, 918.7], "buckets": {"head": 66_900, "middle": 66_800, "tail": 66_844}},
        "contamination": {
            "files": [
                {"file": "eval/xcopa-tr.jsonl", "used": 600, "short": 12},
                {"file": "eval/sorular.csv", "used": 1210, "short": 0},
            ],
            "hits": 4,
        },
        "settings": {
            "min_chars": 40, "max_chars": 200_000, "drop_duplicates": True, "valid_fraction": 0.01,
            "language": {"code": "tr", "threshold": 0.5, "model": ""},
            "quality": {"enabled": True, "stop_words": ["ve", "bir"], "max_top_ngram": [0.214, 0.168, 0.147]},
            "near_duplicates": {"bands": 14, "rows": 8, "rehydrate": []},
        },
    }  # fmt: skip


def make_speed(report: dict[str, Any]) -> dict[str, Any]:
    seconds = {"normalize": 9.1, "boilerplate": 24.3, "language": 31.0, "quality": 48.8, "duplicates": 3.1}
    steps = [
        {"phase": step["phase"], "split": step["split"], "name": step["name"], "documents": step["documents_in"],
         "bytes": step["bytes_in"], "seconds": seconds.get(step["name"], 2.4)}
        for step in report["steps"]
    ]  # fmt: skip
    judging = {"exact duplicates": 0.41, "near duplicates": 38.2, "split": 0.2}
    reading = {"seconds": 21.3, "bytes": 1_129_000_000}
    return {"seconds": 152.2, "workers": 2, "steps": steps, "reading": reading, "judging": judging}


def make_samples(report: dict[str, Any]) -> dict[str, dict[str, list[dict[str, Any]]]]:
    chance = random.Random(1)
    sorts: dict[str, dict[str, list[dict[str, Any]]]] = {"dropped": {}, "kept": {}, "changes": {}}
    for reason in report["dropped"]:
        for sort in ("dropped", "kept"):
            sorts[sort][reason] = [
                {
                    "id": f"tr-web/{chance.randrange(10**6)}",
                    "source": "tr-web",
                    "reason": reason,
                    "chars": len(text),
                    "text": text,
                }
                | ({"detail": "0.0713"} if sort == "dropped" else {"margin": round(chance.random() / 5, 4)})
                for text in ("\n".join(chance.choices(SENTENCES, k=chance.randrange(1, 14))) for _ in range(12))
            ]
    sorts["changes"] = {
        "encoding": [{"before": "TÃ¼rkÃ§e karakterler bozuk gelmiÅŸ.", "after": "Türkçe karakterler bozuk gelmiş."}],
        "markup": [{"before": "Fiyatı 5&nbsp;TL<br>ve üstü &amp; kargo", "after": "Fiyatı 5 TL\nve üstü & kargo"}],
        "phone": [
            {"before": f"{SENTENCES[0] * 8} Tel: 0532 000 00 00.", "after": f"{SENTENCES[0] * 8} Tel: <phone>."}
        ],
    }
    return sorts


def write_inputs(folder: Path) -> dict[str, Any]:
    """All that a corpus stage leaves for the page."""
    report = make_report()
    (folder / "report.json").write_bytes(orjson.dumps(report))
    (folder / "speed.json").write_bytes(orjson.dumps(make_speed(report)))
    for sort, by_name in make_samples(report).items():
        (folder / "samples" / sort).mkdir(parents=True)
        for name, records in by_name.items():
            lines = b"".join(orjson.dumps(record) + b"\n" for record in records)
            (folder / "samples" / sort / f"{name}.jsonl").write_bytes(lines)
    return report


VOID = {"meta", "rect", "line", "polygon", "img", "br"}
TAGS = set(
    "html head meta title style body header p h1 h2 h3 h4 b i small strong em div span nav a main section svg rect "
    "line polygon table thead tbody tr th td details summary article mark del ins dl dt dd code".split()
)


class Page(HTMLParser):
    """What a browser sees: the tags in their nesting, the attributes, the text of every box."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.boxes: list[str] = []
        self.words: list[str] = []
        self.sections: list[str] = []
        self._box = 0  # the depth at which the box that is being read was opened
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.tags[tag] += 1
        self.links += [told[name] or "" for name in ("href", "src", "action", "data", "xlink:href") if name in told]
        self.ids += [told["id"] or ""] if "id" in told else []
        self.sections += [told["id"] or ""] if tag == "section" else []
        assert not any(name.startswith("on") for name in told), told
        if tag not in VOID:
            self.open.append(tag)
        if told.get("class") == "text":
            self._box = len(self.open)
            self.boxes.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag
            self._box = self._box if len(self.open) >= self._box else 0

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.words.append(data)
        if self._box:
            self.boxes[-1] += data

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("corpus")
    write_inputs(made)
    write_page(made, made / "report.html")
    return made


@pytest.fixture(scope="module")
def page(folder: Path) -> Page:
    return Page((folder / "report.html").read_text(encoding="utf-8"))


def test_says_what_happened(page: Page) -> None:
    assert (
        "333,354 documents (1.13 GB of text) came in and 204,530 (61.4%) stayed, with 813 MB of text (72.0%): "
        "200,320 to train on and 4,210 held out. The three largest losses are few words (44,210, 13.3%), near "
        "duplicate (31,870, 9.6%) and line punctuation (18,330, 5.5%)."
    ) in page.text


def test_has_every_section_in_order(page: Page) -> None:
    content = "steps reasons sources inside lengths languages clusters perplexity contamination"
    assert page.sections == [*content.split(), "samples", "speed", "settings"]


@pytest.mark.parametrize(
    "told",
    [
        "328,932", "invalid utf8 −212", "4 more reasons −5,457", "text −45.6 MB",  # funnel
        "Too few words to be prose.", "figures from 12 to 49, half of them up to 48",
        "en 2,810 · az 1,204", "2 others",
        "forum train", "near duplicate 20.6%",  # sources
        "91,204 lines, 9.10 MB", "Facebook'ta paylaş", "8,120 documents", "invalid bytes",  # inside
        "half have fewer than 1,456", "301,204 documents, 98.4%",  # histograms
        "into 193,919 clusters", "below 412.2", "4 documents held a piece", "eval/sorular.csv",
        "Kept, but closest to being dropped", "3 min 21 s", "near duplicates over all documents", "corpus.quality",
        "0.214, 0.168, 0.147",
    ],
)  # fmt: skip
def test_tells(page: Page, told: str) -> None:
    assert told in page.text


def test_ten_samples_of_each_sort_and_the_nearest_first(page: Page, folder: Path) -> None:
    assert page.text.count("few words44,210 documents dropped") == 1
    kept = [orjson.loads(line) for line in (folder / "samples/kept/few_words.jsonl").read_bytes().splitlines()]
    nearest = sorted(kept, key=lambda one: one["margin"])
    boxes = page.boxes[page.boxes.index(nearest[0]["text"]) :][:10]
    assert boxes == [one["text"] for one in nearest[:10]]
    assert page.tags["article"] == 16 * 20


def test_stands_alone(page: Page, folder: Path) -> None:
    assert set(page.tags) <= TAGS
    assert all(link.startswith("#") for link in page.links)
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import|https?:", text)
    assert not re.search(r"\b(null|None|nan|inf|undefined)\b", text.partition("</style>")[2])


def test_is_the_same_each_time(folder: Path) -> None:
    before = (folder / "report.html").read_bytes()
    write_page(folder, folder / "report.html")
    assert (folder / "report.html").read_bytes() == before


def test_hostile_text_stays_in_its_box() -> None:
    report = make_report()
    sample = [{"id": text, "source": text, "detail": text, "chars": len(text), "text": text} for text in HOSTILE]
    near = [{**one, "margin": 0.1} for one in sample]
    edit = [{"before": one, "after": other} for one in HOSTILE for other in (*HOSTILE, "")]
    for bad in HOSTILE:
        name = bad[:200]
        report["dropped"][name] = {"documents": 3, "bytes": 5}
        report["details"][name] = {name: 2}
        report["lines"][name] = {"lines": 2, "bytes": 4, "top": [[bad, 2]]}
        report["changes"][name] = report["notes"][name] = 4
        report["sources"][name] = {"split": name, "read": {"documents": 1, "bytes": 2}, "dropped": {}}
        report["histograms"]["languages"][name] = report["clusters"]["sizes"][name] = 90_000
        report["clusters"]["largest"].insert(0, {"size": 9, "id": bad, "text": bad})
        report["contamination"]["files"].append({"file": name, "used": 1, "short": 1})
        report["settings"][name] = {name: [name]}
        report["steps"][0]["dropped"][name] = 999_999
        report["steps"][0]["name"] = report["steps"][0]["phase"] = name
    names = [bad[:200] for bad in HOSTILE]
    samples = {
        "dropped": dict.fromkeys(names, sample),
        "kept": dict.fromkeys(names, near),
        "changes": dict.fromkeys(names, edit),
    }
    text = make_page(report, samples, make_speed(report))
    made = Page(text)
    assert set(made.tags) <= TAGS
    assert made.tags["title"] == 1 + 2 * 30  # the page's, and one for every bar of the histogram
    assert made.tags["style"] == 1
    assert made.sections[-1] == "settings"
    assert len(made.ids) == len(set(made.ids))
    assert not re.search("[\0\x1b\u202e\u2066\u200b\xad\ufeff]", text)
    assert HOSTILE[0] in made.boxes
    assert HOSTILE[1] in made.boxes
    assert "U+202EtersU+2066U+200BzeroU+00ADU+0000U+001B[31m\ud7ffU+FEFF" in made.boxes
    assert HOSTILE[5] in made.boxes  # line breaks, tabs and the spaces at its start
    assert "a" * 2000 + "… 998,000 more" in made.boxes
    assert len(text) < 3_000_000


def test_halves_of_pairs_can_be_written() -> None:
    """Neither the encoding of the file nor the parser of a browser may fail on them."""
    report = make_report()
    samples = {"dropped": {"empty": [{"id": "a", "text": "bozuk \ud83d yarım"}]}}
    text = make_page(report, samples)
    assert "bozuk U+D83D yarım" in Page(text).boxes
    text.encode()


def test_what_is_missing_is_not_there() -> None:
    nothing = {"documents": 0, "bytes": 0}
    report: dict[str, Any] = {"read": {"documents": 7, "bytes": 900}, "train": {"documents": 7, "bytes": 900}}
    report |= {"valid": nothing, "dropped": {}}
    for more in (
        {},
        dict.fromkeys(("perplexity", "contamination", "lines", "clusters", "histograms", "settings")),
        {name: {} for name in ("lines", "changes", "notes", "details", "sources", "histograms", "clusters")},
        {"histograms": {"length": {"edges": []}, "languages": {}}, "steps": [], "notes": {"cut": 0}},
    ):
        made = Page(make_page({**report, **more}, {}))
        assert made.sections == ["reasons"]
        assert "No document was dropped." in made.text
        assert not re.search(r"\b(null|None|nan)\b", made.text)


def test_nothing_was_read() -> None:
    report = make_report()
    nothing = {"documents": 0, "bytes": 0}
    for step in report["steps"]:
        step |= {"documents_in": 0, "documents_out": 0, "bytes_in": 0, "bytes_out": 0, "dropped": {}}
    report |= {"read": nothing, "train": nothing, "valid": nothing, "dropped": {"empty": nothing}}
    report["histograms"] = {"length": {"edges": [8, 11, 16], "read": [0, 0], "kept": [0, 0]}, "languages": {"tr": 0}}
    report["clusters"]["sizes"] = {"1": 0}
    report["perplexity"]["buckets"] = {"head": 0, "middle": 0, "tail": 0}
    report["sources"] = {"a": {"split": "train", "read": nothing, "dropped": {"empty": nothing}}}
    speed = {"seconds": 0.0, "workers": 1, "steps": [], "judging": {"split": 0.0}}
    assert "0 documents" in Page(make_page(report, {}, speed)).text


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(ArtifactMismatch, match=r"report\.json: there is none\. Run the corpus stage first"):
        write_page(tmp_path, tmp_path / "report.html")
    write_inputs(tmp_path)
    (tmp_path / "samples/kept/few_words.jsonl").write_bytes(b'{"id": 1}\n{"id"')
    with pytest.raises(ArtifactMismatch, match=r"few_words\.jsonl: not JSON lines"):
        write_page(tmp_path, tmp_path / "report.html")
    (tmp_path / "speed.json").write_bytes(b"{")
    with pytest.raises(ArtifactMismatch, match=r"speed\.json: not valid JSON"):
        write_page(tmp_path, tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()


def test_an_edit_far_into_a_text_is_shown() -> None:
    before = "uzun metin " * 150 + "ara: 0532 000 00 00 diye"
    samples = {"changes": {"phone": [{"before": before, "after": before.replace("0532 000 00 00", "<phone>")}]}}
    text = make_page(make_report(), samples)
    assert re.search(r"ara: <del>.*</del> diye", text)
    assert re.search(r"ara: <ins>&lt;.*phone.*</ins> diye", text)
