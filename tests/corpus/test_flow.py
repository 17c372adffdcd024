"""What is measured of the steps: exact counts, and each second on the step that spent it."""

import json
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from datatrove.data import Document, DocumentsPipeline

from fidan.corpus.base import Filter, Step, Verdict
from fidan.corpus.flow import StepFlow, flow_path, run_steps, total_flow, write_flow
from fidan.corpus.ledger import Ledger
from fidan.errors import ArtifactMismatch

TEXTS = ["kısa", "çok uzun bir metin", "ağaç", "şişe", ""]


class Make(Step):
    name = "make"

    def run(self, data: DocumentsPipeline = None, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        for number, text in enumerate(TEXTS):
            yield Document(text=text, id=f"{rank}/{number}", metadata={"source": "test"})


class Double(Step):
    name = "double"

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        for document in data:
            document.text += document.text
            yield document


class NotEmpty(Filter):
    name = "not empty"

    def filter(self, doc: Document) -> Verdict:
        return True if doc.text else (False, "empty")


class Reverse(Step):
    """All documents before any, as a step that looks at a whole shard."""

    name = "reverse"

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        yield from reversed(list(data))


class Slow(Step):
    """Spends time before, between and after its documents."""

    def __init__(self, name: str, seconds: float) -> None:
        super().__init__()
        self.name, self.seconds = name, seconds

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> Iterable[Document]:
        time.sleep(self.seconds)  # when it is called, before a document is asked for
        return self._pass(data)

    def _pass(self, data: DocumentsPipeline) -> DocumentsPipeline:
        for document in data:
            time.sleep(self.seconds / len(TEXTS))
            yield document
        time.sleep(self.seconds)


class Keep(Step):
    name = "keep"

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[str] = []

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        for document in data:
            self.kept.append(document.text)
            yield document


def size(texts: Iterable[str]) -> int:
    return sum(len(text.encode()) for text in texts)


def test_what_comes_out_of_every_step() -> None:
    keep = Keep()
    steps = [Make(), Double(), NotEmpty(Ledger(3)), Reverse(), keep]
    flow = run_steps(steps, 0, 1)
    assert keep.kept == [text * 2 for text in reversed(TEXTS) if text]
    assert [step.counts for step in flow] == [
        ("make", 5, size(TEXTS)),
        ("double", 5, 2 * size(TEXTS)),
        ("not empty", 4, 2 * size(TEXTS)),
        ("reverse", 4, 2 * size(TEXTS)),
        ("keep", 4, 2 * size(TEXTS)),
    ]


def test_every_second_is_on_the_step_that_spent_it() -> None:
    seconds = {"slow": 0.03, "slower": 0.06, "quick": 0.0}
    began = time.perf_counter()
    flow = run_steps([Make(), *(Slow(name, spent) for name, spent in seconds.items())], 0, 1)
    whole = time.perf_counter() - began
    for step in flow[1:]:
        assert step.seconds >= 3 * seconds[step.name]
    assert sum(step.seconds for step in flow) <= whole
    assert flow[0].seconds + flow[3].seconds < 0.09 <= flow[1].seconds < flow[2].seconds


def test_a_step_that_does_not_ask_for_all_documents() -> None:
    class First(Step):
        name = "first"

        def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
            yield next(iter(data))

    assert [step.counts[1] for step in run_steps([Make(), Double(), First()], 0, 1)] == [1, 1, 1]


def test_a_text_that_no_file_could_hold_is_measured_all_the_same() -> None:
    class Broken(Step):
        name = "broken"

        def run(self, data: DocumentsPipeline = None, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
            yield Document(text="\ud83d", id="0")

    assert run_steps([Broken()], 0, 1)[0].bytes == 3


def test_the_sum_over_tasks(tmp_path: Path) -> None:
    for rank in range(3):
        write_flow(flow_path(tmp_path, rank), [StepFlow("a", 10 + rank, 100, 0.5), StepFlow("b", rank, 7, 0.25)])
    assert total_flow(tmp_path, 3) == [StepFlow("a", 33, 300, 1.5), StepFlow("b", 3, 21, 0.75)]
    assert total_flow(tmp_path, 0) == []
    step = json.loads(flow_path(tmp_path, 1).read_text())["steps"][0]
    assert step == {"name": "a", "documents": 11, "bytes": 100, "seconds": 0.5}


def test_tasks_that_are_missing_or_do_not_belong_together(tmp_path: Path) -> None:
    write_flow(flow_path(tmp_path, 0), [StepFlow("a", 1, 1, 0.0)])
    with pytest.raises(ArtifactMismatch, match=r"00001\.json is missing"):
        total_flow(tmp_path, 2)
    write_flow(flow_path(tmp_path, 1), [StepFlow("b", 1, 1, 0.0)])
    with pytest.raises(ArtifactMismatch, match=r"steps \['b'\], but task 0 had \['a'\]"):
        total_flow(tmp_path, 2)
