"""Speed is counted over what trained, smoothed, and free of pauses; the note says it in one line."""

import psutil
import pytest
import torch

from fidan.training.pace import HALF_LIFE, Pace, memory_in_use, training_note

CPU = torch.device("cpu")


class Clock:
    """Time as a test says it passes."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(clock: Clock) -> Pace:
    return Pace(flops_per_token=6e6, peak=1e10, device=CPU, seconds=50.0, clock=clock)


def run(pace: Pace, clock: Clock, steps: int, seconds: float, tokens: int = 1000) -> None:
    for _ in range(steps):
        clock.now += seconds
        pace.step(tokens)


def test_the_first_step_counts_as_time_but_not_as_speed(pace: Pace, clock: Clock) -> None:
    run(pace, clock, 1, 60.0)
    pace.measure()
    assert pace.tokens_per_second == 0
    run(pace, clock, 5, 0.5)
    pace.measure()
    assert pace.tokens_per_second == pytest.approx(2000)
    assert pace.mfu == pytest.approx(2000 * 6e6 / 1e10)
    assert pace.seconds == pytest.approx(50 + 60 + 2.5)


def test_a_pause_between_two_steps_is_forgotten_and_steps_before_it_are_not(pace: Pace, clock: Clock) -> None:
    run(pace, clock, 4, 0.5)
    clock.now += 1000  # a validation
    pace.restart()
    run(pace, clock, 3, 0.5)
    pace.measure()
    assert pace.tokens_per_second == pytest.approx(2000)
    assert pace.seconds == pytest.approx(50 + 3.5)


def test_waiting_for_the_device_counts(pace: Pace, clock: Clock) -> None:
    run(pace, clock, 1, 0.5)
    run(pace, clock, 10, 0.01)  # sent off
    clock.now += 4.9  # the loss is read, which waits
    pace.measure()
    assert pace.tokens_per_second == pytest.approx(2000)


def test_older_stretches_count_less(pace: Pace, clock: Clock) -> None:
    run(pace, clock, 200, 1.0)
    pace.measure()
    run(pace, clock, int(2 * HALF_LIFE), 0.5)
    pace.measure()
    assert 1000 * 2 * 0.5 < pace.tokens_per_second < 2000  # half of the last stretch lies one half-life back
    run(pace, clock, int(20 * HALF_LIFE), 0.5)
    pace.measure()
    assert pace.tokens_per_second == pytest.approx(2000, rel=1e-3)


def test_memory_is_asked_for_once_a_second_at_most(pace: Pace, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []
    monkeypatch.setattr("fidan.training.pace.memory_in_use", lambda device: asked.append(clock.now) or len(asked))
    for _ in range(30):
        run(pace, clock, 1, 0.1)
        pace.measure()
    assert len(asked) == 3
    assert pace.memory_bytes == 3


def test_memory_of_this_process() -> None:
    assert memory_in_use(CPU) == pytest.approx(psutil.Process().memory_info().rss, rel=0.2)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            (3.4123, 1.2345, 18_300.4, 0.371, 1_240_000_000),
            "loss 3.412  1.23 bits/byte  18,300 tokens/s  MFU 37% of peak  1.2 GB",
        ),
        ((3.4123, None, 0.0, 0.0, 0), "loss 3.412"),
        ((3.4123, None, 9.0, 0.0, 0), "loss 3.412  9 tokens/s  MFU 0% of peak"),
    ],
)  # fmt: skip
def test_the_note(arguments: tuple[float, float | None, float, float, int], told: str) -> None:
    assert training_note(*arguments) == told
    assert len(told) < 78
