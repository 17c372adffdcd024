"""The page of an evaluation says what the figures amount to, by its rules, and no text in it can break out."""

import json
import math
import random
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from fidan.evaluation.report.comparisons import ahead, better, differences
from fidan.evaluation.report.page import make_page, write_page
from fidan.evaluation.report.verdict import Outcome, findings, headline, summary_lines, warnings

HOSTILE = "</div></section></style><script>alert(1)</script><img src=x onerror=alert(2)> \u202e\0\x1b[31m & \"'"
PHENOMENA = (
    "anaphor_agreement", "argument_structure_ditransitive", "argument_structure_transitive", "binding",
    "determiners", "ellipsis", "irregular_forms", "island_effects", "nominalization", "npi_licensing", "passives",
    "quantifiers", "relative_clauses", "scrambling", "subject_agreement", "suspended_affixation",
)  # fmt: skip
SHORTER = (0.12, 0.33, 0.21, 0, 0, 0, 0, 1, 0.59, 0.96, 1, 0.99, 0.5, 0, 0.18, 0)
TEXTS = (
    "Sabah erkenden kalkıp bahçedeki çiçekleri sulayan kadın, komşusuyla uzun uzun konuştu.",
    "Belediye, yeni otobüs hatlarının gelecek hafta çalışmaya başlayacağını duyurdu.",
    "Öğretmen sınıfa girince çocuklar sessizleşti ve ders başladı. Ders başladı ve ders başladı.",
)


def estimate(value: float, error: float) -> dict[str, float]:
    return {"value": value, "error": error, "low": value - 1.96 * error, "high": value + 1.96 * error}


def nothing(value: float) -> dict[str, float | None]:
    """Of one unit: no spread is known, which JSON writes as null."""
    return {"value": value, "error": None, "low": None, "high": None}


def compared(measure: float, error: float, p: float, a: int = 0, b: int = 1) -> dict[str, float]:
    low, high = measure - 1.96 * error, measure + 1.96 * error
    return {"a": a, "b": b, "difference": measure, "low": low, "high": high, "p": p}


def pair_model(skill: float) -> dict[str, Any]:
    chance = random.Random(skill)
    phenomena = []
    for place, name in enumerate(PHENOMENA):
        value = min(0.5 + (skill - 0.5) * chance.uniform(0.7, 1.15), 0.999) if place != 5 else 0.442
        error = math.sqrt(value * (1 - value) / 1000)
        phenomena.append({"name": name, "pairs": 1000, "accuracy": estimate(value, error), "ties": 10 * (place == 0)})
    mean = sum(one["accuracy"]["value"] for one in phenomena) / 16
    return {"accuracy": estimate(mean, 0.002), "ties": 10, "phenomena": phenomena}


def text_model(bits: float, shift: float) -> dict[str, Any]:
    places = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]
    return {
        "bits_per_byte": estimate(bits, 0.0123), "bits_per_character": estimate(1.09 * bits, 0.0134),
        "loss": estimate(2.9 * bits, 0.031), "perplexity": math.exp(2.9 * bits),
        "accuracy": estimate(0.38 - shift, 0.0031), "top5": estimate(0.61 - shift, 0.0034), "ece": 0.0112,
        "documents": 1520, "tokens": 1_204_113, "context": 1024, "stride": 512,
        "by_position": [
            {"from": low, "to": high, "tokens": 1520 * (high - low), "bits_per_byte": bits + 1.1 * math.exp(-n / 2.5)}
            for n, (low, high) in enumerate(zip(places, places[1:], strict=False))
        ],
        "by_domain": [
            {"name": name, "documents": number, "bytes": 4000 * number, "bits_per_byte": estimate(bits + more, 0.02)}
            for name, number, more in (("news", 700, -0.1), ("forum", 500, 0.21), ("wiki", 320, -0.02))
        ],
        "calibration": [
            {"confidence": (n + 0.5) / 10, "accuracy": (n + 0.5) / 10 - 0.04 * shift * 20 * math.sin(n / 3),
             "tokens": 300_000 // (n + 1)} for n in range(10)
        ],
    }  # fmt: skip


def make_model(name: str, parameters: int, shift: float = 0) -> dict[str, Any]:
    curve = [[step, 1.25 + shift + 1.4 * math.exp(-step / 700)] for step in range(250, 4001, 250)]
    return {
        "name": name, "path": f"runs/{name}", "parameters": parameters, "vocabulary": 8000, "context": 1024,
        "tokenizer": "9f3c11aa87e2d001", "weights": "c0ffee0123456789c0ffee0123456789", "precision": "float32",
        "training": {"tokens": 65_536_000, "epochs": 1.21, "seconds": 7320.0, "hardware": "1 × H100", "curve": curve},
    }  # fmt: skip


def make_record(models: int = 1) -> dict[str, Any]:
    """As an evaluation leaves it, of one model or of several that are a little worse each."""
    every = range(models)
    versus = [(a, b) for b in every for a in range(b)]
    bits = [1.312 + 0.12 * n for n in every]
    return {
        "version": 1, "package": "0.4.0", "commit": "3f2a9c1", "made": "2025-11-02T14:03:11Z",
        "models": [make_model(("small", "tiny", "nano")[n], (9_200_000, 4_100_000, 1_100_000)[n], n / 8) for n in every],
        "texts": [
            {
                "name": "valid", "documents": 1520, "bytes": 6_080_000, "characters": 5_590_000, "hash": "ab12" * 8,
                "baselines": [
                    {"name": "uniform", "model": n, "bits_per_byte": 4.31, "about": "each token alike"} for n in every
                ] + [
                    {"name": "unigram", "model": n, "bits_per_byte": 2.71, "about": "tokens by how often they occur"}
                    for n in every
                ] + [
                    {"name": "5-gram", "model": None, "bits_per_byte": 1.93, "about": "Kneser-Ney, on training text"},
                    {"name": "xz -9", "model": None, "bits_per_byte": 2.12, "about": "all documents as one file"},
                ],
                "models": [text_model(bits[n], n / 20) for n in every],
                "comparisons": [compared(bits[b] - bits[a], 0.0051, 0.0005, a, b) for a, b in versus],
            }
        ],
        "pairs": [
            {
                "name": "turblimp", "pairs": 16_000, "models": [pair_model(0.95 - n / 10) for n in every],
                "length": {"accuracy": 0.515, "phenomena": dict(zip(PHENOMENA, SHORTER, strict=True))},
                "comparisons": [compared(-0.07 * (b - a), 0.0031, 0.0005, a, b) for a, b in versus],
            }
        ],
        "choices": [
            {
                "name": "xcopa", "items": 500, "chance": 0.5, "comparisons": [compared(-0.012, 0.02, 0.53, a, b)
                for a, b in versus],
                "models": [{"raw": estimate(0.57 - n / 100, 0.022), "normalised": estimate(0.582 - n / 100, 0.022),
                            "cut": 0} for n in every],
            },
            {
                "name": "belebele", "items": 900, "chance": 0.25, "comparisons": [],
                "models": [{"raw": estimate(0.241, 0.0143), "normalised": estimate(0.252, 0.0145), "cut": 12}
                           for _ in every],
            },
        ],
        "tokenizers": [
            {"name": "small", "vocabulary": 8000, "bytes_per_token": 3.81, "tokens_per_word": 2.06, "whole_words": 0.41,
             "round_trip_failures": 0, "unused": 31,
             "boundaries": [{"gold": "boun", "words": 41_203, "recall": 0.412, "precision": 0.533, "f1": 0.4647}]}
        ],
        "harness": [
            {"task": "xcopa_tr", "models": [{"acc": {"value": 0.57, "error": 0.0222}} for _ in every]},
            {"task": "perplexed", "models": [{"word_ppl": {"value": 91.4, "error": None}}, *({} for _ in every[1:])]},
        ],
        "samples": [
            {"prompt": prompt, "seed": 7, "texts": [{"text": f" {TEXTS[n]}" * 3, "distinct_2": 0.42, "repetition": 0.31}
             for n in every]}
            for prompt in ("Bugün hava", "Bir varmış\nbir yokmuş,")
        ],
        "contamination": [
            {"model": n, "set": name, "items": items, "contaminated": 0, "training_documents": 200_320, "hits": []}
            for n in every for name, items in (("turblimp", 16_000), ("xcopa", 500))
        ],
    }  # fmt: skip


EMPTY = ("texts", "pairs", "choices", "tokenizers", "harness", "samples", "contamination")
