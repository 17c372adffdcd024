"""Noise that was planted is found, kind by kind, through the whole stage; the scoring is the benchmark's own."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from fidan.progress import SilentReporter

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "planted_noise.py"


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("planted_noise", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look there for the names in their annotations
    spec.loader.exec_module(module)
    return module


def test_every_kind(benchmark: ModuleType, tmp_path: Path) -> None:
    scores = benchmark.run_and_score(0.3, 2_500_000, 11, tmp_path, SilentReporter())
    for kind, score in scores.items():
        assert score.planted > 90, kind
        assert score.recall >= 0.98, kind
        assert score.precision >= 0.98, kind
    assert scores["clean"].recall == 1.0
