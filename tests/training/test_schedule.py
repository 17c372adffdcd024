"""The plan of the steps and the learning rate, by hand-computed values."""

from dataclasses import replace

import pytest

from fidan.recipe import TrainConfig
from fidan.training.course import Course
from fidan.training.distributed import World

CONFIG = TrainConfig(tokens=110 * 8, sequence_length=8, batch_size=1, warmup_steps=10, final_learning_rate=0.2)
RAMPED = TrainConfig(tokens=9600, sequence_length=10, batch_size=8, accumulate=2, batch_ramp=0.3, warmup_steps=0)


def factors(config: TrainConfig) -> list[float]:
    course, found = Course(config, World(), {}), []
    while not course.done:
        found.append(course.rate)
        course.next_step()
    return found


def factor(config: TrainConfig, step: int) -> float:
    return factors(config)[step]


def sizes_and_firsts(config: TrainConfig, processes: int = 1) -> tuple[list[int], list[int]]:
    course, sizes, firsts = Course(config, World(0, processes), {}), [], []
    while not course.done:
        sizes.append(course.rows)
        firsts.append(course.sequences)
        course.next_step()
    return sizes, [*firsts, course.sequences]


@pytest.mark.parametrize(
    ("step", "expected"),
    [(0, 0.1), (4, 0.5), (9, 1.0), (34, 0.2 + 0.8 * 0.853553), (59, 0.6), (109, 0.2)],
)
def test_cosine(step: int, expected: float) -> None:
    assert len(factors(CONFIG)) == CONFIG.steps == 110
    assert factor(CONFIG, step) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("step", "expected"), [(9, 1.0), (10, 0.992), (34, 0.8), (59, 0.6), (84, 0.4), (109, 0.2)])
def test_linear(step: int, expected: float) -> None:
    assert factor(replace(CONFIG, schedule="linear"), step) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("step", "expected"), [(4, 0.5), (10, 1.0), (65, 1.0), (66, 0.2 + 0.8 * 43 / 44), (87, 0.6), (109, 0.2)]
)
def test_stable_then_decay(step: int, expected: float) -> None:
    assert factor(replace(CONFIG, schedule="wsd", decay=0.4), step) == pytest.approx(expected, abs=1e-9)


def test_a_decay_as_long_as_the_run_begins_after_the_warm_up() -> None:
    whole = replace(CONFIG, schedule="wsd", decay=1.0)
    linear = replace(CONFIG, schedule="linear")
    assert factors(whole) == factors(linear)
    assert factor(replace(CONFIG, schedule="wsd", decay=0.0), 108) == 1.0


def test_without_warm_up_it_starts_at_the_peak() -> None:
    assert factor(replace(CONFIG, warmup_steps=0), 0) == pytest.approx(1.0, abs=1e-3)


def test_without_a_ramp_all_steps_are_alike() -> None:
    config = TrainConfig(tokens=1001, sequence_length=10, batch_size=4, accumulate=3, warmup_steps=1)
    sizes, firsts = sizes_and_firsts(config)  # 101 sequences, 12 a step
    assert config.steps == 9
    assert sizes == [12] * 9
    assert firsts == [12 * step for step in range(10)]


def test_the_batch_doubles_three_times() -> None:
    # 960 sequences, of which 288 are the ramp: 96 by 2, 96 by 4, 96 by 8, then 672 by 16
    sizes, firsts = sizes_and_firsts(RAMPED)
    assert sizes == [2] * 48 + [4] * 24 + [8] * 12 + [16] * 42
    assert [firsts[step] for step in (0, 1, 47, 48, 49, 72, 84, 85, 126)] == [
        *(0, 2, 94, 96, 100),
        *(192, 288, 304, 960),
    ]


@pytest.mark.parametrize(
    ("changes", "processes"),
    [
        ({}, 1),
        ({}, 4),
        ({"batch_size": 1, "accumulate": 1}, 1),
        ({"batch_size": 6, "accumulate": 1}, 2),
        ({"tokens": 9613, "batch_ramp": 0.5}, 1),
        ({"tokens": 10, "batch_ramp": 0.9}, 1),
        ({"tokens": 400, "batch_ramp": 0.999}, 1),
        ({"batch_size": 512}, 1),
    ],
)
def test_no_sequence_is_left_out_or_taken_twice(changes: dict[str, float], processes: int) -> None:
    config = replace(RAMPED, **changes)
    sizes, firsts = sizes_and_firsts(config, processes)
    assert firsts == [sum(sizes[:step]) for step in range(len(sizes) + 1)]
    assert all(size % processes == 0 and size >= processes for size in sizes)
    assert sizes == sorted(sizes)
    wanted = -(-config.tokens // 10)
    assert wanted <= firsts[-1] < wanted + sizes[-1]
    courses = [Course(config, World(rank, processes), {}) for rank in range(processes)]
    taken = [n for course in courses for first, count in course.passes_to_come() for n in range(first, first + count)]
    assert sorted(taken) == list(range(firsts[-1]))


def test_with_a_ramp_the_rate_goes_by_tokens() -> None:
    config = replace(RAMPED, schedule="linear", final_learning_rate=0.0)
    assert factor(config, 83) == pytest.approx(0.7)  # 84 of 126 steps, but 30% of the tokens
    assert factor(config, 125) == 0.0
    warm = replace(config, warmup_steps=48)  # a tenth of the tokens
    assert [factor(warm, step) for step in (23, 47)] == [0.5, 1.0]
    assert factor(warm, 83) == pytest.approx(0.7 / 0.9)
