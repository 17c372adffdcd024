"""How the record of an evaluation is read: names, figures with their errors, percentages.

What it leaves out: what the figures amount to (`verdict`), and HTML but for small print.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fidan.page.text import decimals, plus_minus, signed, visible

COLOURS = 6  # of models that are told apart; the seventh has the first one's

UNKNOWN_TEXT = "its training text is unknown: nothing could be looked for in it"

Record = Mapping[str, Any]


def names(record: Record) -> list[str]:
    """The models' names, no two alike, as plain text whose signs can all be seen."""
    made: list[str] = []
    for model in record["models"]:
        name = visible(str(model["name"])) or "model"
        number = 2
        unique = name
        while unique in made:
            unique, number = f"{name} ({number})", number + 1
        made.append(unique)
    return made


def colour(model: int) -> str:
    """The class of a model's bars and lines."""
    return f"m{model % COLOURS}"


def known(value: Any) -> bool:
    """Whether a figure of the record is a number; JSON writes those that are not finite as null."""
    return isinstance(value, int | float) and math.isfinite(value)


def bounds(estimate: Record) -> tuple[float, float]:
    """The 95% interval of an estimate or a difference; from -inf to inf where the record knows none."""
    low, high = estimate["low"], estimate["high"]
    return (low, high) if known(low) and known(high) else (-math.inf, math.inf)


def whisker(estimate: Record, scale: float = 1) -> tuple[float, float] | None:
    """The 95% interval to be drawn; None where the record knows none."""
    low, high = bounds(estimate)
    return (scale * low, scale * high) if math.isfinite(high) else None


def figure(estimate: Record, places: int = 3) -> str:
    """An estimate and its standard error."""
    return plus_minus(estimate["value"], estimate["error"], "", places) if known(estimate["value"]) else "–"


def percentage(estimate: Record) -> str:
    """An estimate of a share, in percent, with its standard error."""
    if not known(estimate["value"]):
        return "–"
    error = estimate["error"]
    return plus_minus(100 * estimate["value"], 100 * error if known(error) else None, "%", 1)


def between(estimate: Record, scale: float = 1, unit: str = "", word: str = "to") -> str:
    """The 95% interval of an estimate or a difference; a dash where the record knows none."""
    drawn = whisker(estimate, scale)
    if drawn is None:
        return "–"
    places = decimals((drawn[1] - drawn[0]) / 4)
    return f"{signed(drawn[0], places)} {word} {signed(drawn[1], places)}{unit}"


def percent(share: float) -> str:
    """A share in percent to one decimal, without the decimal where it is 0; `<0.1%` of what would read as none."""
    if 0 < share < 0.0005:
        return "<0.1%"
    return f"{100 * share:.1f}".removesuffix(".0") + "%"


def baselines(text: Record, model: int) -> list[Record]:
    """The baselines that hold for a model, the fewest bits a byte first."""
    own = [one for one in text["baselines"] if one["model"] in (None, model)]
    return sorted(own, key=lambda one: float(one["bits_per_byte"]))


def counted(text: Record, model: int) -> bool:
    """Whether an n-gram model of what the model was trained on is among its baselines."""
    return any(str(one["name"]).endswith("-gram") for one in baselines(text, model))


class Found(NamedTuple):
    """What of a set stands in the text that a model was trained on."""

    contaminated: int
    looked_for: int
    items: int

    @property
    def deduction(self) -> float:
        """The share of all items of the set: what the model may owe to having read them."""
        return self.contaminated / self.items if self.items else 0.0


def found_of(record: Record, name: str, model: int) -> Found:
    """What was found of a set in what the model was trained on; zeros where it was not looked for."""
    every = (one for one in record["contamination"] if one["set"] == name and one["model"] == model)
    told = (Found(one["contaminated"], one["looked_for"], one["items"]) for one in every)
    return max(told, default=Found(0, 0, 0))


def unknown_text(record: Record) -> list[int]:
    """The models of whose training text nothing is known.

    Nothing was looked for in it, though it was in that of others, or the model does not say how it was trained.
    """
    looked = {one["model"] for one in record["contamination"]}
    return [
        number
        for number, model in enumerate(record["models"])
        if number not in looked and (looked or not model.get("training"))
    ]


def same_weights(record: Record, a: int, b: int) -> bool:
    """Whether two models are one: the same weights, read by the same tokenizer."""
    first, second = record["models"][a], record["models"][b]
    return bool(first["weights"] == second["weights"] and first["tokenizer"] == second["tokenizer"])


def kinds(record: Record) -> Sequence[tuple[str, str]]:
    """Class and name of every model, for a legend; both are plain text."""
    return [(colour(model), name) for model, name in enumerate(names(record))]
