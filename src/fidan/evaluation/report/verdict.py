"""What the figures of a model amount to, by rules that do not bend.

A model is better than something where the whole 95% interval of its figure lies on the better side of it; where the
interval takes it in, the two are not told apart. Every test is held against what knows no language:

* held-out text against the baselines (uniform, unigram, n-gram, a compressor), in bits per byte;
* minimal pairs against chance (50%) and against choosing the shorter sentence, whichever is higher;
* multiple choice against chance, by both scores.

It is passed where the model is better than all of them, in part where it is better than some. An item of a test that
was found in the training text counts as wrong in this comparison; a held-out text of which a document was found is
passed in part at most. What it leaves out: models against each other (`comparisons`).
"""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from fidan.evaluation.report.comparisons import ahead, overall
from fidan.evaluation.report.record import (
    Record,
    baselines,
    bounds,
    contaminated,
    figure,
    known,
    names,
    percent,
    percentage,
)
from fidan.page.text import count, listing, plural, visible

CHANCE_OF_PAIRS = 0.5  # one sentence of two is right


class Outcome(Enum):
    """How a model stands against all that knows no language."""

    PASSED = "✓"
    PART = "~"
    FAILED = "✗"
    OPEN = "·"  # there was nothing to hold it against


class Finding(NamedTuple):
    """How a model did in one test; all of it is plain text."""

    model: int
    kind: str  # "text", "pairs" or "choices"
    test: str
    outcome: Outcome
    figure: str  # with its standard error
    against: str  # how it stands, in a few words
    said: str  # the same as a sentence


def findings(record: Record) -> list[Finding]:
    """Every test of every model, in the order of the tests."""
    made = []
    for kind, judge in (("texts", _text), ("pairs", _pairs), ("choices", _choices)):
        for test in record[kind]:
            made += [judge(record, test, model) for model in range(len(record["models"]))]
    return made


def headline(found: Sequence[Finding]) -> str:
    """The tests of one model in one sentence."""
    judged = [one for one in found if one.outcome is not Outcome.OPEN]
    if not judged:
        return "Nothing was measured that could be held against chance or a baseline."
    number = {outcome: sum(one.outcome is outcome for one in judged) for outcome in Outcome}
    every = len(judged)
    if number[Outcome.FAILED] == every:
        told = {1: "the one test there is", 2: "either test"}.get(every, f"any of {count(every)} tests")
        return f"No better than chance and the baselines in {told}."
    if number[Outcome.PASSED] == every:
        told = {1: "the one test there is", 2: "both tests"}.get(every, f"all {count(every)} tests")
        return f"Better than chance and all baselines in {told}."
    parts = [f"Better than chance and all baselines in {count(number[Outcome.PASSED])} of {plural(every, 'test')}"]
    if number[Outcome.PART]:
        parts.append(f"than only some of them in {count(number[Outcome.PART])}")
    if number[Outcome.FAILED]:
        parts.append(f"than none of them in {count(number[Outcome.FAILED])}")
    return f"{', '.join(parts)}."


def warnings(record: Record) -> list[str]:
    """Sets that were found in a model's training text, a sentence each."""
    called = names(record)
    return [
        f"{count(one['contaminated'])} of {plural(one['items'], 'item')} of {visible(str(one['set']))} "
        f"({percent(one['contaminated'] / one['items'])}) {'was' if one['contaminated'] == 1 else 'were'} found in "
        f"the training text of {called[one['model']]}: its figures there may be too good."
        for one in record["contamination"]
        if one["contaminated"]
    ]


def summary_lines(record: Record) -> list[str]:
    """The verdict for a terminal: warnings, a headline for each model, its tests, and who is better.

    Where there are tokenizers without a model, what each does to the text.

    Args:
        record: as `evaluation.json` has it.
    """
    found, called = findings(record), names(record)
    if not called:
        return [_tokenizer(one) for one in record["tokenizers"]]
    lines = [f"! {warning}" for warning in warnings(record)]
    for model, name in enumerate(called):
        own = [one for one in found if one.model == model]
        lines.append(f"{name}: {headline(own)}")
        lines += [f"  {one.outcome.value} {one.said}" for one in own]
    return [*lines, overall(record), *ahead(record)] if len(called) > 1 else lines


def _tokenizer(one: Record) -> str:
    rates = (one["bytes_per_token"], "bytes a token"), (one["tokens_per_word"], "tokens a word")
    told = [f"{rate:.2f} {unit}" for rate, unit in rates if known(rate)]
    return f"{visible(str(one['name']))}: {listing(told) or 'no text'}, a vocabulary of {count(one['vocabulary'])}."


def _text(record: Record, text: Record, model: int) -> Finding:
    name, estimate = visible(str(text["name"])), text["models"][model]["bits_per_byte"]
    low, high = bounds(estimate)
    shown = figure(estimate)
    told = f"On held-out text ({name}) it takes {shown} bits a byte"
    against = baselines(text, model)
    better = [one for one in against if high < one["bits_per_byte"]]
    worse = [one for one in against if low > one["bits_per_byte"]]
    same = [one for one in against if one not in better and one not in worse]
    if not against:
        return Finding(model, "text", name, Outcome.OPEN, shown, "no baseline", f"{told}.")
    if len(better) == len(against):
        outcome = Outcome.PASSED
        best = f"the best of them, {visible(against[0]['name'])}, takes {against[0]['bits_per_byte']:.3f}"
        short = f"less than every baseline ({visible(against[0]['name'])} {against[0]['bits_per_byte']:.3f})"
        said = f"{told}, less than every baseline: {best}."
    else:
        outcome = Outcome.PART if better else Outcome.FAILED
        parts = [("less than", better), ("not told apart from", same), ("more than", worse)]
        shorter = [f"{how} {listing([_baseline(one) for one in which])}" for how, which in parts if which]
        short = "; ".join(shorter)
        said = f"{told}: {short}."
    if share := contaminated(record, str(text["name"]), model):
        outcome = Outcome.PART if outcome is Outcome.PASSED else outcome
        said = f"{said} {_found(share)}."
    return Finding(model, "text", name, outcome, shown, short, said)


def _pairs(record: Record, test: Record, model: int) -> Finding:
    name, own = visible(str(test["name"])), test["models"][model]
    estimate, share = own["accuracy"], contaminated(record, str(test["name"]), model)
    shown, length = percentage(estimate), test["length"]["accuracy"]
    low, high = bounds(estimate)
    low, bar = low - share, max(CHANCE_OF_PAIRS, length)
    rivals = f"chance {percent(CHANCE_OF_PAIRS)}, the shorter sentence {percent(length)}"
    if low > bar:
        outcome, how = Outcome.PASSED, "above chance and length"
    elif low > CHANCE_OF_PAIRS:
        outcome, how = Outcome.PART, "above chance, but not above choosing the shorter sentence"
    elif high < CHANCE_OF_PAIRS:
        outcome, how = Outcome.FAILED, "below chance"
    else:
        outcome, how = Outcome.FAILED, "not told apart from chance"
    said = f"Of the minimal pairs of {name} it gets {shown} right, {how} ({rivals})."
    weak = [one for one in own["phenomena"] if bounds(one["accuracy"])[0] <= CHANCE_OF_PAIRS]
    if outcome is not Outcome.FAILED and weak:
        weak.sort(key=lambda one: float(one["accuracy"]["value"]))
        some = [f"{_label(one['name'])} {percentage(one['accuracy'])}" for one in weak[:3]]
        said += f" Not above chance in {count(len(weak))} of {count(len(own['phenomena']))} phenomena"
        said += f": {listing(some)}." if len(weak) <= 3 else f", lowest in {listing(some)}."
    return Finding(model, "pairs", name, outcome, shown, how, f"{said} {_found(share)}." if share else said)


def _choices(record: Record, test: Record, model: int) -> Finding:
    name, chance, own = visible(str(test["name"])), test["chance"], test["models"][model]
    share = contaminated(record, str(test["name"]), model)
    above = [score for score in ("raw", "normalised") if bounds(own[score])[0] - share > chance]
    below = [score for score in ("raw", "normalised") if bounds(own[score])[1] < chance]
    if len(above) == 2:
        outcome, how = Outcome.PASSED, "above chance"
    elif above:
        outcome, how = Outcome.PART, f"above chance by the {above[0]} score alone"
    else:
        outcome = Outcome.FAILED
        how = "below chance" if len(below) == 2 else "not told apart from chance"
    shown = percentage(own["raw"])
    said = (
        f"Of the questions of {name} it gets {shown} right (normalised {percentage(own['normalised'])}), {how} "
        f"({percent(chance)})."
    )
    return Finding(model, "choices", name, outcome, shown, how, f"{said} {_found(share)}." if share else said)


def _baseline(one: Record) -> str:
    return f"{visible(one['name'])} ({one['bits_per_byte']:.3f})"


def _found(share: float) -> str:
    return f"{percent(share)} of it was found in its training text"


def _label(name: str) -> str:
    return visible(name.replace("_", " "))
