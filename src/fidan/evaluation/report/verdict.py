"""What the figures of a model amount to, by rules that do not bend.

Every test is held against what knows no language:

* held-out text against the baselines (uniform, unigram, n-gram, a compressor), in bits per byte;
* minimal pairs against chance (50%) and against choosing the shorter sentence, whichever is higher;
* multiple choice against chance, by both scores.

A baseline is beaten where the difference, paired over documents, says so: its whole 95% interval is below zero, and p
is below 0.05. Where there is no such difference, and of chance and length, the whole 95% interval of the model's own
figure must lie on the better side. One unit has no interval, and nothing is judged by it.

A test is passed where the model is better than all of them, in part where it is better than some. A text is passed in
part at most where there is no n-gram model of the training text, the strongest baseline, or where a document of it
was found in the training text; found items of the other tests count as wrong in this comparison. What it leaves out:
models against each other (`comparisons`).
"""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from fidan.evaluation.report.comparisons import LEVEL
from fidan.evaluation.report.record import (
    Found,
    Record,
    baselines,
    bounds,
    counted,
    figure,
    found_of,
    known,
    names,
    percent,
    percentage,
    whisker,
)
from fidan.page.text import count, listing, plural, visible

CHANCE_OF_PAIRS = 0.5  # one sentence of two is right


class Outcome(Enum):
    """How a model stands against all that knows no language."""

    PASSED = "✓"
    PART = "~"
    FAILED = "✗"
    OPEN = "·"  # there was nothing to hold it against, or one unit alone


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
    rest = len(found) - len(judged)
    return _judged(judged) + (f" {plural(rest, 'test')} could not be judged." if rest else "")


def _judged(judged: Sequence[Finding]) -> str:
    number = {outcome: sum(one.outcome is outcome for one in judged) for outcome in Outcome}
    every = len(judged)
    if number[Outcome.FAILED] == every:
        told = {1: "the one test there is", 2: "either test"}.get(every, f"any of {count(every)} tests")
        rivals = "chance and the baselines" if any(one.kind == "text" for one in judged) else "chance"
        return f"No better than {rivals} in {told}."
    beaten = any(one.kind == "text" and one.outcome is Outcome.PASSED for one in judged)
    rivals = "chance and all baselines" if beaten else "chance"
    if number[Outcome.PASSED] == every:
        told = {1: "the one test there is", 2: "both tests"}.get(every, f"all {count(every)} tests")
        return f"Better than {rivals} in {told}."
    if not number[Outcome.PASSED]:
        parts = [f"Only in part better than what knows no language in {count(number[Outcome.PART])}"]
    else:
        parts = [f"Better than {rivals} in {count(number[Outcome.PASSED])}"]
        parts += [f"only in part in {count(number[Outcome.PART])}"] if number[Outcome.PART] else []
    parts += [f"no better in {count(number[Outcome.FAILED])}"] if number[Outcome.FAILED] else []
    return f"{listing(parts)} of {plural(every, 'test')}."


def warnings(record: Record) -> list[str]:
    """Sets that were found in a model's training text, a sentence each."""
    called = names(record)
    return [
        f"{count(one['contaminated'])} of {plural(one['looked_for'], 'item')} of {visible(str(one['set']))} that "
        f"were looked for ({percent(one['contaminated'] / one['looked_for'])}) "
        f"{'was' if one['contaminated'] == 1 else 'were'} found in the training text of {called[one['model']]}: its "
        "figures there may be too good."
        for one in record["contamination"]
        if one["contaminated"]
    ]


def _text(record: Record, text: Record, model: int) -> Finding:
    name, estimate = visible(str(text["name"])), text["models"][model]["bits_per_byte"]
    shown, against = figure(estimate), baselines(text, model)
    told = f"On held-out text ({name}) it takes {shown} bits a byte"
    of = found_of(record, str(text["name"]), model)
    found = f" {_found(of, 'document')}." if of.contaminated else ""
    untold = _untold(text["documents"], "document", estimate)
    if not against or untold:
        short = untold or "no baseline"
        said = f"{told}{f'; {untold}' if untold else ''}.{found}"
        return Finding(model, "text", name, Outcome.OPEN, shown, short, said)
    sides = [(one, _side(one, estimate)) for one in against]
    better, same, worse = ([one for one, side in sides if side == which] for which in (-1, 0, 1))
    if len(better) == len(against) and counted(text, model):
        outcome = Outcome.PART if found else Outcome.PASSED
        best = f"the best of them, {visible(against[0]['name'])}, takes {against[0]['bits_per_byte']:.3f}"
        short = f"less than every baseline ({visible(against[0]['name'])} {against[0]['bits_per_byte']:.3f})"
        said = f"{told}, less than every baseline: {best}."
    else:
        outcome = Outcome.PART if better else Outcome.FAILED
        parts = [("less than", better), ("not told apart from", same), ("more than", worse)]
        shorter = [f"{how} {listing([_baseline(one) for one in which])}" for how, which in parts if which]
        shorter += [] if counted(text, model) else ["no n-gram model of its training text to compare with"]
        short = "; ".join(shorter)
        said = f"{told}: {short}."
    return Finding(model, "text", name, outcome, shown, short, said + found)


def _side(baseline: Record, estimate: Record) -> int:
    """-1 where the model takes fewer bits than the baseline, 1 where it takes more, 0 where that is not told."""
    paired = baseline.get("comparison")
    if paired is None:
        low, high = (end - baseline["bits_per_byte"] for end in bounds(estimate))
    elif paired["p"] < LEVEL:
        low, high = bounds(paired)
    else:
        return 0
    return -1 if high < 0 else 1 if low > 0 else 0


def _untold(units: int, noun: str, estimate: Record) -> str:
    """Why a figure cannot be judged; empty where it can."""
    if units == 1:
        return f"one {noun}: no error can be told"
    return "" if known(estimate["error"]) and whisker(estimate) else "no error can be told"


def _pairs(record: Record, test: Record, model: int) -> Finding:
    name, own = visible(str(test["name"])), test["models"][model]
    estimate, of = own["accuracy"], found_of(record, str(test["name"]), model)
    found = f" {_found(of, 'pair')}." if of.contaminated else ""
    shown, length = percentage(estimate), test["length"]["accuracy"]
    if untold := _untold(test["pairs"], "pair", estimate):
        said = f"Of the minimal pairs of {name} it gets {shown} right; {untold}.{found}"
        return Finding(model, "pairs", name, Outcome.OPEN, shown, untold, said)
    low, high = bounds(estimate)
    low, bar = low - of.deduction, max(CHANCE_OF_PAIRS, length)
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
        every = len(own["phenomena"])
        which = "the one phenomenon" if every == 1 else f"{count(len(weak))} of {count(every)} phenomena"
        said += f" Not above chance in {which}"
        said += f": {listing(some)}." if len(weak) <= 3 else f", lowest in {listing(some)}."
    return Finding(model, "pairs", name, outcome, shown, how, said + found)


def _choices(record: Record, test: Record, model: int) -> Finding:
    name, chance, own = visible(str(test["name"])), test["chance"], test["models"][model]
    of = found_of(record, str(test["name"]), model)
    found = f" {_found(of, 'item')}." if of.contaminated else ""
    shown = percentage(own["raw"])
    got = f"Of the questions of {name} it gets {shown} right (normalised {percentage(own['normalised'])})"
    if untold := _untold(test["items"], "question", own["raw"]):
        return Finding(model, "choices", name, Outcome.OPEN, shown, untold, f"{got}; {untold}.{found}")
    above = [score for score in ("raw", "normalised") if bounds(own[score])[0] - of.deduction > chance]
    below = [score for score in ("raw", "normalised") if bounds(own[score])[1] < chance]
    if len(above) == 2:
        outcome, how = Outcome.PASSED, "above chance"
    elif above:
        outcome, how = Outcome.PART, f"above chance by the {above[0]} score alone"
    else:
        outcome = Outcome.FAILED
        how = "below chance" if len(below) == 2 else "not told apart from chance"
    return Finding(model, "choices", name, outcome, shown, how, f"{got}, {how} ({percent(chance)}).{found}")


def _baseline(one: Record) -> str:
    return f"{visible(one['name'])} ({one['bits_per_byte']:.3f})"


def _found(of: Found, noun: str) -> str:
    was, of_them = "was" if of.contaminated == 1 else "were", f"{plural(of.looked_for, noun)} looked for"
    return f"Of {of_them}, {count(of.contaminated)} {was} found in its training text"


def _label(name: str) -> str:
    return visible(name.replace("_", " "))
