"""`fidan generate --model`: options reach the loop, what has no sense is an error in one line."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import fidan.cli
from fidan.cli.app import app
from fidan.errors import FidanError
from fidan.stages import Run

assert fidan.cli.main  # the commands are hung on the application


def call(*arguments: object) -> str:
    """What it prints; what it raises is raised."""
    result = CliRunner().invoke(app, ["generate", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_options_reach_the_loop(tiny_run: Run) -> None:
    model = ("--model", tiny_run.out, "--max-new-tokens", 12)
    assert call("Ali", *model, "--seed", 1) == call("Ali", *model, "--seed", 1) != call("Ali", *model, "--seed", 2)
    greedy = call("Ali", *model, "--temperature", 0)
    assert greedy.startswith("Ali")
    assert call("Ali", *model, "--top-k", 1) == call("Ali", *model, "--top-p", 1e-6) == greedy
    assert call("Ali", *model, "--min-p", 1) == greedy
    assert call("Ali", *model, "--beams", 1, "--temperature", 0) == greedy
    stop = greedy[5:8]
    assert call("Ali", *model, "--temperature", 0, "--stop", stop) == greedy[: greedy.index(stop, 3)] + "\n"
    assert call("Ali", *model, "--beams", 3) == call("Ali", *model, "--beams", 3)
    for option in ("--frequency-penalty", "--presence-penalty", "--no-repeat-ngram", "--repetition-penalty"):
        assert call("Ali", *model, "--seed", 1, option, 2)


@pytest.mark.parametrize("weights", ["bfloat16", "int8"])
def test_narrow_weights_write_too(tiny_run: Run, weights: str) -> None:
    text = call("Ali", "--model", tiny_run.out, "--weights", weights, "--max-new-tokens", 5, "--seed", 1)
    assert text.startswith("Ali")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--top-p", 0), r"top_p = 0\.0: above 0"),
        (("--temperature", -1), r"temperature = -1\.0: must not be negative"),
        (("--beams", 2, "--temperature", 1), "beam search draws nothing"),
        (("--weights", "int4"), "--weights int4: must be one of auto, float32, bfloat16, int8"),
        (("--device", "gpu"), "device = 'gpu'"),
        (("--out", "x"), "only with a recipe"),
        (("--length-penalty", 2), "only a beam search has one"),
    ],
)
def test_what_has_no_sense_is_refused(tiny_run: Run, options: tuple[object, ...], message: str) -> None:
    with pytest.raises(FidanError, match=message):
        call("Ali", "--model", tiny_run.out, *options)


def test_a_prompt_longer_than_the_window_is_refused(tiny_run: Run) -> None:
    with pytest.raises(FidanError, match=r"a prompt of \d+ tokens: .* context of 64, at most 63"):
        call("uzun " * 100, "--model", tiny_run.out)


def test_options_of_a_model_need_one(tiny_file: Path) -> None:
    with pytest.raises(FidanError, match="--seed, --weights: only with --model"):
        call(tiny_file, "--seed", 3, "--weights", "int8")
    with pytest.raises(FidanError, match="--min-p, --stop: only with --model"):
        call(tiny_file, "--min-p", 0.1, "--stop", "x")


def test_a_text_without_a_model_and_an_export_s_folder(tiny_run: Run) -> None:
    with pytest.raises(FidanError, match="name a model with --model"):
        call("Bugün hava")
    exported = ("--model", tiny_run.out / "export", "--temperature", 0, "--max-new-tokens", 5)
    assert call("Ali", *exported) == call("Ali", "--model", tiny_run.out, "--temperature", 0, "--max-new-tokens", 5)


def test_a_text_by_chance_tells_its_seed(tiny_run: Run) -> None:
    command = ["generate", "Ali", "--model", str(tiny_run.out), "--max-new-tokens", "9"]
    result = CliRunner().invoke(app, command)
    told = re.search(r"--seed (\d+) writes this again", result.stderr)
    assert told
    assert CliRunner().invoke(app, [*command, "--seed", told[1]]).stdout == result.stdout
