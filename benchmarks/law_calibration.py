"""Fits the model by which the law assistant abstains, on the dev halves of `benchmarks/law`, and tells how it does.

    python benchmarks/law_calibration.py INDEX

INDEX is a folder made by `fidan law index` of all laws in force. Prints the model as it stands in
`src/fidan/law/scope.py`, the share of questions abstained from on dev by tenfold cross-validation, and on the test
halves, which nothing was fitted to.
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fidan.law.assistant import refusal
from fidan.law.index import LawIndex
from fidan.law.questions import read_questions
from fidan.law.scope import LOST, STORY, Model, Signals, signals_of

HERE = Path(__file__).parent / "law"
SETS = ("citizens", "in_scope", "out_of_scope")
LONG = np.log1p(STORY)
RIDGE = 1.0  # on standardised signals; a few of them and two hundred questions want little


def main() -> None:
    """Fit, test, print."""
    index = LawIndex.open(Path(sys.argv[1]))
    rows = {(name, split): _rows(index, name, split) for name in SETS for split in ("dev", "test")}
    x = np.concatenate([rows[name, "dev"] for name in SETS])
    y = np.concatenate([np.full(len(rows[name, "dev"]), name != "out_of_scope") for name in SETS]).astype(float)
    model = fit(x, y)
    crossed = np.zeros(len(y), np.bool_)
    fold = np.random.default_rng(0).integers(0, 10, len(y))
    for part in range(10):
        own = fit(x[fold != part], y[fold != part])
        crossed[fold == part] = [own.score(Signals(*one)) < own.threshold for one in x[fold == part]]
    print(f"CALIBRATED = {model!r}".replace("np.float64", ""))
    print(f"dev, crossed: in scope {crossed[y == 1].mean():.3f}, out of scope {crossed[y == 0].mean():.3f}")
    for name in SETS:
        for kind, own in (("short", rows[name, "test"][:, 0] <= LONG), ("long", rows[name, "test"][:, 0] > LONG)):
            if own.any():
                abstained = [model.score(Signals(*one)) < model.threshold for one in rows[name, "test"][own]]
                print(f"test, {name}, {kind}: {np.mean(abstained):.3f} of {len(abstained)}")


def _rows(index: LawIndex, name: str, split: str) -> NDArray[np.float64]:
    """(N, signals) those of a set's questions, without those that are refused before the model is asked."""
    questions = read_questions(HERE / f"{name}.jsonl", split, index.names).questions
    kept = [one.question for one in questions if refusal(one.question) is None]
    signals = [signals_of(index, question) for question in kept]
    refused, unknown = len(questions) - len(kept), sum(one is None for one in signals)
    print(f"{name}, {split}: {len(questions)}, of other languages or countries {refused}, no known word {unknown}")
    return np.array([one for one in signals if one is not None])


def fit(x: NDArray[np.float64], y: NDArray[np.float64]) -> Model:
    """Ridge logistic regression by Newton's method.

    Short and long questions that a law answers or does not are four groups; each weighs as the root of its size, so
    that the few long ones that no law answers tell something. The threshold is the mean of those at which `LOST` of
    the short and of the long ones with an answer are lost.
    """
    middle, spread = x.mean(0), x.std(0) + 1e-9
    design = np.c_[np.ones(len(x)), (x - middle) / spread]
    group = 2 * y + (x[:, 0] > LONG)
    weight = np.select([group == g for g in range(4)], [float((group == g).sum() or 1) ** -0.5 for g in range(4)])
    weight *= len(y) / weight.sum()
    ridge = np.diag([0.0, *[RIDGE] * x.shape[1]])
    beta = np.zeros(design.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-design @ beta))
        gradient = design.T @ (weight * (p - y)) + ridge @ beta
        beta -= np.linalg.solve((design.T * (weight * p * (1 - p))) @ design + ridge, gradient)
    slopes = beta[1:] / spread
    bias = float(beta[0] - slopes @ middle)
    model = Model(round(bias, 3), Signals(*(round(float(s), 3) for s in slopes)), 0.5)
    scores = np.array([model.score(Signals(*one)) for one in x])
    lost = [np.quantile(scores[group == g], LOST) for g in (2, 3)]
    return model._replace(threshold=round(float(np.mean(lost)), 3))


if __name__ == "__main__":
    main()
