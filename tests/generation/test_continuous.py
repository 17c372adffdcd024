"""Rows that join and leave: each text is what it would be alone, and memory follows the texts that are there."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fidan.generation.continuous import SMALLEST_ROOM, Rows, SeparateRows, TorchRows, enough, open_rows
from fidan.generation.engine import TorchEngine
from fidan.generation.fast_step import FastStep
from fidan.generation.generate import Generation
from fidan.generation.picking import Picker, Writing
from fidan.recipe import GenerateConfig
from tests.generation.conftest import GROUPED, MakeModel, V

CONFIGS = (
    GenerateConfig(temperature=0.0, repetition_penalty=1.0),
    GenerateConfig(temperature=0.9, top_p=0.95),
    GenerateConfig(temperature=1.1, top_k=20, repetition_penalty=1.3, frequency_penalty=0.4),
    GenerateConfig(temperature=0.0, repetition_penalty=1.0, no_repeat_ngram=2),
)


@dataclass
class Asked:
    """A text to write, and the round in which it comes."""

    prompt: list[int]
    config: GenerateConfig
    seed: int
    comes: int
    found: list[int] = field(default_factory=list)


def write_all(engine: TorchEngine, rows: Rows, asked: Sequence[Asked]) -> list[int]:
    """Write them as they come; the bytes of the cache after each round."""
    picker, live = Picker(V), list[tuple[Asked, Writing]]()
    waiting, tokens, sizes, turn = list(asked), list[int](), list[int](), 0
    while waiting or live:
        if live:
            rows.advance(tokens)
        for one in [one for one in waiting if one.comes <= turn]:
            waiting.remove(one)
            for _ in rows.read(one.prompt, one.config.max_new_tokens):
                pass
            live.append((one, Writing(engine, one.prompt, one.config, (), one.seed)))
            picker.join(live[-1][1])
        turn += 1
        if not live:
            continue
        assert rows.logits.shape == (len(live), V)
        tokens = picker.pick(rows.logits)
        for (one, writing), token in zip(live, tokens, strict=True):
            assert writing.take(token)
            one.found.append(token)
        for row in reversed(range(len(live))):
            if live[row][1].finish is not None:
                rows.leave(row)
                picker.leave(row)
                live[row], tokens[row] = live[-1], tokens[-1]
                live.pop()
                tokens.pop()
        if isinstance(rows, TorchRows):
            sizes.append(rows.cache_bytes)
    return sizes


def alone(engine: TorchEngine, one: Asked) -> list[int]:
    generation = Generation(engine, [one.prompt], one.config, (), [one.seed])
    found: list[int] = []
    while generation.running:
        found += [token for _, token in generation.step()]
    return found


@pytest.fixture(scope="module", params=["torch", "loops"])
def engine(request: pytest.FixtureRequest, make_model: MakeModel) -> TorchEngine:
    model = make_model()
    return TorchEngine(model, FastStep(model) if request.param == "loops" else None)


texts = st.builds(
    lambda length, config, new, seed, comes: Asked(
        [1 + (7 * i + seed) % (V - 1) for i in range(length)], replace(config, max_new_tokens=new), seed, comes
    ),
    st.integers(1, 40), st.sampled_from(CONFIGS), st.integers(1, 30), st.integers(0, 9), st.integers(0, 25),
)  # fmt: skip


@settings(max_examples=12)
@given(asked=st.lists(texts, min_size=1, max_size=7))
def test_any_schedule_writes_what_each_writes_alone(engine: TorchEngine, asked: list[Asked]) -> None:
    for one in asked:
        one.found.clear()
    write_all(engine, open_rows(engine), asked)
    for one in asked:
        assert one.found == alone(engine, one)


def test_the_order_of_coming_changes_no_bit_of_the_compiled_loops(make_model: MakeModel) -> None:
    model = make_model()
    engine = TorchEngine(model, FastStep(model))

    def logits(others: int) -> list[torch.Tensor]:
        rows, found = open_rows(engine), []
        for n in range(others):
            list(rows.read([5 + n] * (3 + 5 * n), 30))
        list(rows.read([1, 2, 3], 30))
        for turn in range(20):
            found.append(rows.logits[-1].clone())
            rows.advance([7 + turn] * (others + 1))
        return found

    expected = torch.stack(logits(0))
    for others in (1, 2, 3, 6):
        assert torch.equal(torch.stack(logits(others)), expected)


@pytest.mark.parametrize("length", [1, SMALLEST_ROOM - 1, SMALLEST_ROOM, SMALLEST_ROOM + 1, 63])
def test_room_is_made_at_every_boundary_up_to_the_context(engine: TorchEngine, length: int) -> None:
    config = replace(CONFIGS[0], max_new_tokens=1000)
    asked = [
        Asked([3 + n] * size, config, 0, comes) for n, (size, comes) in enumerate(((length, 0), (5, 3), (30, 9)))
    ]
    write_all(engine, open_rows(engine), asked)
    for one in asked:
        assert len(one.prompt) + len(one.found) == GROUPED.context + 1
        assert one.found == alone(engine, one)


@pytest.mark.parametrize("part", [1, 3, 16])
def test_a_prompt_read_in_parts_gives_the_same(
    engine: TorchEngine, part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fidan.generation.continuous.READ_POSITIONS", part)
    prompt = [1 + (5 * i) % (V - 1) for i in range(33)]
    rows = open_rows(engine)
    list(rows.read([9, 9, 8], 30))
    stops = 0
    for _ in rows.read(prompt, 30):
        rows.advance([11])  # the others go on meanwhile
        assert rows.logits.shape == (1, V)
        stops += 1
    assert stops == (len(prompt) - 1) // part
    torch.testing.assert_close(rows.logits[1:], engine.open([prompt], 1).logits, atol=1e-5, rtol=1e-5)
    dropped = rows.read(prompt, 30)
    next(dropped)
    del dropped
    rows.advance([4, 5])
    assert len(rows.logits) == 2


def test_memory_follows_the_texts_and_is_flat_over_many(engine: TorchEngine) -> None:
    drawn = random.Random(3)
    config = replace(CONFIGS[0], max_new_tokens=4)
    asked = [Asked([5] * drawn.randint(1, 20), config, 0, turn) for turn in range(80)]
    rows = open_rows(engine)
    sizes = write_all(engine, rows, asked)
    one_place = 2 * 4 * GROUPED.n_layers * GROUPED.kv_heads * GROUPED.head_width
    assert max(sizes) <= 8 * 32 * one_place  # four texts at once of up to 24 places: twice what is needed
    assert max(sizes[40:]) <= max(sizes[:40])
    assert sizes[-1] <= 4 * SMALLEST_ROOM * one_place


def test_room_doubles_and_shrinks_with_a_distance_between() -> None:
    assert [enough(4, need) for need in (1, 2, 4, 5, 8, 9)] == [2, 4, 4, 8, 8, 16]
    assert [enough(64, need) for need in (17, 16, 9, 1)] == [64, 32, 32, 2]
    for need in range(1, 300):
        have = enough(1, need)
        assert enough(have, need) == have
        assert enough(enough(1000, need), need) == enough(1000, need)


def test_engines_that_know_no_other_way_take_turns(engine: TorchEngine) -> None:
    asked = [Asked([4 + n] * (n + 1), replace(CONFIGS[n % 4], max_new_tokens=9), n, n) for n in range(4)]
    rows = SeparateRows(engine)
    assert "take turns" in rows.told
    write_all(engine, rows, asked)
    for one in asked:
        assert one.found == alone(engine, one)
