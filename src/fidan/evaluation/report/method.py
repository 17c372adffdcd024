"""The section that says how it was measured: what each figure means, with which settings, of which files.

What it leaves out: the figures.
"""

from fidan.evaluation.report.record import UNKNOWN_TEXT, Record, names, unknown_text
from fidan.page.text import count, escape, fold, listing, pairs, plural, table

_TERMS = {
    "bits per byte": (
        "The negative log-probability of the text in bits, over its UTF-8 bytes. It compares models with different "
        "tokenizers, and with a compressor. Every document is read whole, in windows that overlap.",
        "texts",
    ),
    "bits per character": ("The same over characters; Turkish letters beyond ASCII are two bytes each.", "texts"),
    "perplexity": (
        "How many tokens, equally likely, would be as hard to choose from. It depends on the tokenizer.",
        "texts",
    ),
    "token accuracy, top 5": ("How often the next token was the likeliest, or among the five likeliest.", "texts"),
    "ECE": (
        "Expected calibration error: the distance between how sure the model was and how often it was right, "
        "averaged over tokens. 0% is best.",
        "texts",
    ),
    "the assistant's turns": (
        "Every token that the assistant writes in a conversation, and the sign that ends its turn, predicted from "
        "the right text before it; bits are told over the UTF-8 bytes of the answers.",
        "conversations",
    ),
    "minimal pairs": (
        "Two sentences, one with a fault of grammar; right where the faultless one is the likelier as a whole. The "
        "mean is over phenomena, each counting the same.",
        "pairs",
    ),
    "choosing the shorter sentence": (
        "What a model would get that likes short sentences and knows no grammar: a sentence of more tokens is less "
        "likely by itself.",
        "pairs",
    ),
    "multiple choice": (
        "The answer with the highest probability given the question, raw or per character (normalised). Models are "
        "compared by the raw score. Small models are often no better than chance here, and say so by their whiskers.",
        "choices",
    ),
    "corpus BLEU, sentence BLEU, chrF": (
        "How many runs of words, or of characters, an answer shares with that of the set, 0 to 100 (sacrebleu). "
        "Corpus BLEU counts them over all answers; sentence BLEU is the mean over answers. chrF suits Turkish best, "
        "where one wrong suffix makes a whole word wrong for the others.",
        "questions",
    ),
    "ROUGE-L, exact": (
        "The longest common run of words, gaps allowed, 0 to 1; and the share of answers with the very words of the "
        "set, casing and punctuation aside.",
        "questions",
    ),
}


def method(record: Record) -> str:
    """Terms, settings, versions and hashes."""
    return _terms(record) + _models(record) + _texts(record) + _contamination(record) + _made(record)


def _terms(record: Record) -> str:
    told = [(f"<b>{term}</b>", meaning) for term, (meaning, kind) in _TERMS.items() if record.get(kind)]
    if not record["models"]:
        return ""
    told.append(
        (
            "<b>±, 95%</b>",
            "The standard error, and the interval that holds the true figure in 95 of 100 such samples. It is over "
            "documents, pairs or questions: another draw of those, not another training.",
        )
    )
    told.append(
        (
            "<b>✓ ~ ✗ ·</b>",
            "Better than all, than some, than none of what knows no language: the baselines of a held-out text; 50% "
            "and choosing the shorter sentence; chance by both scores. A dot: there was nothing to compare with, or "
            "one unit, which has no error.",
        )
    )
    told.append(
        (
            "<b>better</b>",
            "Than a baseline: the difference, model minus baseline, paired over documents, has its whole 95% "
            "interval below zero, and p is below 0.05 (worse: above zero). Where there is no paired difference, "
            "as for a compressor, and of chance and the shorter sentence: the whole 95% interval of the model's "
            "own figure lies on the better side.",
        )
    )
    told.append(
        (
            "<b>at most ~</b>",
            "A held-out text of which a document was found in the training text, and one without an n-gram model of "
            "the training text to compare with. Items of other tests that were found count as wrong for the verdict: "
            "their share of all items is taken off the lower end of the interval. Comparisons of models include what "
            "was found.",
        )
    )
    return table(("Figure", "What it means"), told, "terms")


def _models(record: Record) -> str:
    made = []
    for name, model in zip(names(record), record["models"], strict=True):
        told = {
            "parameters": count(model["parameters"]),
            "vocabulary": count(model["vocabulary"]),
            "context": plural(model["context"], "token"),
            "tokenizer": f"<code>{escape(model['tokenizer'])}</code>",
            "weights": f"<code>{escape(model['weights'])}</code>",
        }
        made.append(f"<h3>{escape(name)}</h3>{pairs(told)}")
    return "".join(made)


def _texts(record: Record) -> str:
    made = []
    for text in record["texts"]:
        for name, own in zip(names(record), text["models"], strict=True):
            figures = (count(own[unit]) for unit in ("context", "stride", "documents", "tokens"))
            hashed = f"<code>{escape(text['hash'])}</code>"
            made.append((escape(text["name"]), escape(name), *figures, escape(own["precision"]), hashed))
    head = ("Held-out text", "Model", "#window", "#stride", "#documents", "#tokens", "precision", "hash")
    return f"<h3>Windows</h3>{table(head, made)}" if made else ""


def _contamination(record: Record) -> str:
    called, unknown = names(record), unknown_text(record)
    looked = {one["model"] for one in record["contamination"]}
    told = [f"{escape(called[model])}: {UNKNOWN_TEXT}." for model in unknown]
    missing = [escape(name) for model, name in enumerate(called) if model not in looked and model not in unknown]
    if missing:
        told.append(f"Whether the training text of {listing(missing)} holds any of these tests was not looked for.")
    return "".join(f"<p>{one}</p>" for one in told)


def _made(record: Record) -> str:
    told = {
        "fidan": escape(record["package"]),
        "commit": f"<code>{escape(record['commit'] or 'unknown')}</code>",
        "record": f"version {escape(record['version'])} of evaluation.json",
    }
    return fold("Versions", f"fidan {told['fidan']}", pairs(told))
