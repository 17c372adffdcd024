"""Noise that was planted is found, kind by kind, through the whole stage; the scoring is the benchmark's own."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from fidan.progress import SilentReporter


def test_every_kind(load_script: Callable[[str], ModuleType], tmp_path: Path) -> None:
    benchmark = load_script("benchmarks/planted_noise.py")
    scores = benchmark.run_and_score(0.3, 2_500_000, 11, tmp_path, SilentReporter())
    for kind, score in scores.items():
        assert score.planted > 90, kind
        assert score.recall >= 0.98, kind
        assert score.precision >= 0.98, kind
    assert scores["clean"].recall == 1.0
