"""Scores of sequences: batched and sharing prefixes, each as if it were read alone."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fidan.evaluation import scoring
from fidan.evaluation.prefix_rows import prefix_rows
from fidan.evaluation.scoring import Request, Scored, score
from fidan.hardware import autocast
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.progress import SilentReporter

FP32 = autocast(torch.device("cpu"), torch.float32)


def measured(model: Decoder, requests: Sequence[Request]) -> list[Scored]:
    return score(model, requests, autocast=FP32, reporter=SilentReporter())


@pytest.fixture(scope="module")
def model() -> Decoder:
    torch.manual_seed(0)
    model = Decoder(ModelConfig(d_model=32, n_layers=2, n_heads=4, n_kv_heads=2, d_ff=64, context=24), 30)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3.0)
    return model


@pytest.fixture(scope="module")
def requests() -> list[Request]:
    """Families that share beginnings of every length, one within another, some asked for twice."""
    draw = np.random.default_rng(0)
    stems = [[1, *draw.integers(2, 30, size).tolist()] for size in (0, 1, 7, 18)]
    made = [
        Request([*stem, *draw.integers(2, 6, 1 + n % 5).tolist()], 1 + n % len(stem))
        for n in range(9)
        for stem in stems
    ]
    return [*made, made[3], Request([1, 2], 1), Request(draw.integers(2, 30, 25).tolist(), 24)]


def alone(model: Decoder, request: Request) -> torch.Tensor:
    ids = torch.tensor(request.ids)[None]
    with torch.inference_mode():
        logits = model(ids[:, :-1])[0, request.start - 1 :]
    return logits.log_softmax(-1)


@pytest.mark.parametrize("nodes", [4, 40, 1000])
def test_each_is_scored_as_if_it_were_read_alone(
    model: Decoder, requests: list[Request], nodes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "ROW_NODES", nodes)
    monkeypatch.setattr(scoring, "BATCH_NODES", 3 * nodes)
    for request, scored in zip(requests, measured(model, requests), strict=True):
        expected, targets = alone(model, request), torch.tensor(request.ids[request.start :])
        wanted = expected.gather(1, targets[:, None])[:, 0]
        assert scored.log_probabilities == pytest.approx(wanted.numpy(), abs=1e-5)
        assert scored.greedy == bool((expected.argmax(-1) == targets).all())


def test_the_models_own_choice_is_greedy(model: Decoder) -> None:
    ids = [1, 5]
    for _ in range(4):
        ids.append(int(model(torch.tensor(ids)[None])[0, -1].argmax()))
    other = [*ids[:-1], (ids[-1] + 1) % 30]
    assert [scored.greedy for scored in measured(model, [Request(ids, 2), Request(other, 2)])] == [True, False]


@given(st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=12), min_size=1, max_size=40), st.integers(1, 30))
def test_a_forest_holds_every_sequence_and_shows_each_node_its_ancestors_alone(
    lists: list[list[int]], size: int
) -> None:
    sequences = [np.array(ids, np.int64) for ids in lists]
    found = []
    for row in prefix_rows(sequences, size):
        assert len(row.tokens) <= max(size, 2 * len(row.paths[0][1]))
        mask = row.mask(len(row.tokens) + 1)
        assert mask[-1].sum() == 1
        seen = set()
        for number, path in row.paths:
            assert [row.tokens[node] for node in path] == lists[number]
            assert [row.positions[node] for node in path] == list(range(len(path)))
            for depth, node in enumerate(path):
                assert np.flatnonzero(mask[node]).tolist() == path[: depth + 1].tolist()
            found.append(number)
            seen |= set(path.tolist())
        assert seen == set(range(len(row.tokens)))  # no node that nobody needs
    assert sorted(found) == list(range(len(lists)))


def test_what_is_shared_is_read_once() -> None:
    stem = list(range(50))
    rows = list(prefix_rows([np.array([*stem, end], np.int64) for end in range(60, 70)], 100))
    assert sum(len(row.tokens) for row in rows) == 60
    assert len(list(prefix_rows([np.array([*stem, end], np.int64) for end in range(60, 70)], 20))) == 1


def test_a_request_that_cannot_be_scored_is_refused(model: Decoder) -> None:
    for request in (Request([1, 2], 0), Request([1, 2], 2), Request([], 0)):
        with pytest.raises(ValueError, match="scores nothing"):
            measured(model, [request])
    with pytest.raises(ValueError, match="the model's context is 24"):
        measured(model, [Request([1] * 26, 1)])


def test_nothing_is_no_work(model: Decoder) -> None:
    assert measured(model, []) == []
