"""Models against each other, test by test: who is better, by how much, and whether that is beyond chance.

A difference is beyond chance where its 95% interval leaves zero out and its p is below 0.05; both are of a paired
bootstrap over the units of the test, which the record has already. What it leaves out: a correction for looking at
many differences; the page says so.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from fidan.evaluation.report.record import Record, between, bounds, known, names, same_weights, whisker
from fidan.page.text import count, decimals, listing, plural, signed, visible

LEVEL = 0.05  # of p


class Measure(NamedTuple):
    """A test whose figures of two models can be compared."""

    name: str  # plain text
    unit: str
    scale: float  # from the record's figures to the unit
    lower_is_better: bool
    values: Sequence[Any]  # one a model; null where there is none
    comparisons: Sequence[Mapping[str, Any]]
    note: str  # a sentence after each comparison; empty where nothing is to be said


class Difference(NamedTuple):
    """Two models in one test."""

    measure: str
    better: int | None  # nobody where the difference is not beyond chance
    said: str  # in words, with the 95% interval and p; plain text


def measures(record: Record) -> Iterator[Measure]:
    """Every test of the record."""
    for text in record["texts"]:
        values = [own["bits_per_byte"]["value"] for own in text["models"]]
        name = f"Held-out text ({visible(str(text['name']))})"
        note = _included(record, text["name"], "Documents")
        yield Measure(name, " bits/byte", 1, True, values, text["comparisons"], note)
    for one in record.get("conversations", []):
        values = [own["bits_per_byte"]["value"] for own in one["models"]]
        name = f"Assistant's turns ({visible(str(one['name']))})"
        yield Measure(name, " bits/byte", 1, True, values, one["comparisons"], "")
    for title, kind, score in (("Grammar", "pairs", "accuracy"), ("Multiple choice", "choices", "raw")):
        for test in record[kind]:
            values = [own[score]["value"] for own in test["models"]]
            name = f"{title} ({visible(str(test['name']))})"
            note = _included(record, test["name"], "Items")
            yield Measure(name, " points", 100, False, values, test["comparisons"], note)
    for test in record.get("questions", []):
        values = [own["estimates"]["chrf"]["value"] for own in test["models"]]
        name = f"Questions ({visible(str(test['name']))}), chrF an answer"
        yield Measure(name, "", 1, False, values, test["comparisons"], "")


def beyond_chance(comparison: Record) -> bool:
    """Whether two models differ: the 95% interval leaves zero out, and p is below 0.05."""
    low, high = bounds(comparison)
    return (low > 0 or high < 0) and bool(comparison["p"] < LEVEL)


def better(comparison: Record, lower_is_better: bool) -> int | None:
    """The index of the better model; None where the difference is not beyond chance."""
    if not beyond_chance(comparison):
        return None
    second = (comparison["difference"] < 0) == lower_is_better
    return int(comparison["b"] if second else comparison["a"])


def differences(record: Record) -> list[Difference]:
    """Every comparison of the record."""
    called = names(record)
    return [_difference(record, measure, one, called) for measure in measures(record) for one in measure.comparisons]


def ahead(record: Record) -> list[str]:
    """Who is best of several models in each test, a sentence each, as plain text; of two, with the difference."""
    called, told = names(record), []
    if len(called) < 2:
        return []
    for measure in measures(record):
        if len(called) == 2 and len(measure.comparisons) == 1:
            told.append(f"{measure.name}: {_difference(record, measure, measure.comparisons[0], called).said}")
        else:
            told.append(_ahead(record, measure, called) + measure.note)
    return told


def overall(record: Record) -> str:
    """How many tests each of several models wins: is better than every other one in, beyond chance."""
    called = names(record)
    if all(same_weights(record, 0, other) for other in range(1, len(called))):
        return f"{listing(called)} have the same weights."
    won = [_winner(measure, len(called)) for measure in measures(record)]
    number = [won.count(model) for model in range(len(called))]
    if not any(number):
        return f"No model is ahead of all others, beyond chance, in any of {plural(len(won), 'test')}."
    told = [f"{name} in {count(wins)}" for name, wins in zip(called, number, strict=True) if wins]
    rest = len(won) - sum(number)
    told += [f"nobody in {count(rest)}"] if rest else []
    return f"Ahead of all others, beyond chance: {listing(told)} of {plural(len(won), 'test')}."


def _winner(measure: Measure, models: int) -> int | None:
    """Who is better than every other model, beyond chance."""
    wins = [better(one, measure.lower_is_better) for one in measure.comparisons]
    return next((model for model in range(models) if wins.count(model) == models - 1), None)


def _included(record: Record, name: str, units: str) -> str:
    found = any(one["contaminated"] for one in record["contamination"] if one["set"] == name)
    return f" {units} found in a training text are included." if found else ""


def _ahead(record: Record, measure: Measure, called: Sequence[str]) -> str:
    values = [value for value in measure.values if known(value)]
    if len(values) < len(called) or len(set(values)) == 1:
        return f"{measure.name}: no model is ahead."
    best = values.index(min(values) if measure.lower_is_better else max(values))
    beaten: list[str] = []
    equal: list[str] = []
    twins = [name for other, name in enumerate(called) if other != best and same_weights(record, best, other)]
    leader = f"{called[best]} (the same weights: {listing(twins)})" if twins else called[best]
    for one in measure.comparisons:
        other = one["b"] if one["a"] == best else one["a"]
        if best in (one["a"], one["b"]) and called[other] not in twins:
            (beaten if better(one, measure.lower_is_better) == best else equal).append(called[other])
    if not beaten and not equal:
        return f"{measure.name}: {leader} has the best figure; whether that is chance was not tested."
    if not equal:
        return f"{measure.name}: {leader} is better than {listing(beaten)}, beyond chance."
    told = f"{measure.name}: {leader} has the best figure, but it is not told apart from {listing(equal)}"
    return f"{told}; it is better than {listing(beaten)}." if beaten else f"{told}."


def _difference(record: Record, measure: Measure, one: Record, called: Sequence[str]) -> Difference:
    first, second = called[one["a"]], called[one["b"]]
    if same_weights(record, one["a"], one["b"]):
        return Difference(measure.name, None, f"{second} and {first}: the same weights.")
    scale, amount = measure.scale, measure.scale * one["difference"]
    low, high = bounds(one)
    places = decimals(scale * (high - low) / 4)
    difference = ("+" if float(f"{amount:.{places}f}") > 0 else "") + signed(amount, places)
    told_p = "p < 0.001" if one["p"] < 0.001 else f"p = {one['p']:.2g}"
    winner = better(one, measure.lower_is_better)
    if whisker(one) is None:
        said = f"{second} minus {first} is {difference}{measure.unit}; no error can be told."
    elif winner is None:
        said = (
            f"{second} and {first} cannot be told apart: {second} minus {first} is {difference}{measure.unit}, 95% "
            f"between {between(one, scale, word='and')}, {told_p}."
        )
    else:
        loser = second if winner == one["a"] else first
        near, far = sorted((abs(scale * low), abs(scale * high)))
        said = (
            f"{called[winner]} is better than {loser}: {abs(amount):.{places}f}{measure.unit} "
            f"{'less' if measure.lower_is_better else 'more'}, 95% between {near:.{places}f} and {far:.{places}f}, "
            f"{told_p}."
        )
    return Difference(measure.name, winner, said + measure.note)
