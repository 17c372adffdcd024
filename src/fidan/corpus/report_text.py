"""What the report's page says of the corpus in words: the reasons of being dropped, and their details.

What it leaves out: how any page writes numbers and foreign text (`fidan.page.text`).
"""

import re
from collections.abc import Mapping

from fidan.page.text import count, escape, plural

_REASONS = {
    "empty": "Nothing was left of the text, or there never was any.",
    "too_short": "Fewer characters than the recipe asks for.",
    "too_long": "More characters than the recipe allows.",
    "invalid_utf8": "Too many bytes that are not UTF-8 to be worth repairing.",
    "foreign": "Another language is likelier than the wanted one.",
    "language_unsure": "The wanted language is the likeliest, but not likely enough.",
    "few_words": "Too few words to be prose.",
    "many_words": "More words than a page has.",
    "short_words": "Words too short on average: letters, codes, lists.",
    "long_words": "Words too long on average: addresses, text without spaces.",
    "hash_signs": "Too many # signs for the number of words.",
    "ellipses": "Too many … for the number of words: teasers that break off.",
    "bullet_lines": "Nearly all lines are bullet points.",
    "ellipsis_lines": "Too many lines break off with …",
    "few_letters": "Too many of the words have no letter: tables, numbers, signs.",
    "few_stop_words": "Hardly any of the words that all Turkish prose has.",
    "line_punctuation": "Too few lines end as sentences do: menus, titles, lists.",
    "duplicate_line_chars": "Too much of the text stands in lines that repeat within it.",
    "duplicate_lines": "Too many of its lines repeat within it.",
    "line_breaks": "Too many line breaks for the number of words.",
    "perplexity": "A model of good text finds it unlike good text.",
    "contaminated": "It holds a piece of an evaluation.",
    "duplicate": "The same text, but for case and spaces, was there before.",
    "near_duplicate": "Nearly the same text stands in a document that was kept.",
    "in_validation": "It is held out too, and training must not see it.",
}


def explain(reason: str) -> str:
    """What a reason of being dropped means, in a sentence; empty for one that this page does not know."""
    if match := re.fullmatch(r"top_(\d+)_gram", reason):
        return f"One run of {match[1]} words makes up too much of the text."
    if match := re.fullmatch(r"duplicate_(\d+)_grams", reason):
        return f"Too much of the text is runs of {match[1]} words that stood in it before."
    return _REASONS.get(reason, "")


def at_once(workers: int) -> str:
    """How many tasks ran at once; a cluster that was left to itself is not counted."""
    return plural(workers, "worker") if workers else "a cluster"


def details(counts: Mapping[str, int], most: int = 6) -> str:
    """What more is known of a reason: the most frequent details, or the spread of those that are figures."""
    if not counts:
        return ""
    try:
        figures = sorted((float(figure), number) for figure, number in counts.items())
    except ValueError:
        top = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        told = [f"{escape(name[:80])} {count(number)}" for name, number in top[:most]]
        return " · ".join([*told, f"{count(len(top) - most)} others"] if len(top) > most else told)
    middle, reached, half = sum(counts.values()) / 2, 0, figures[0][0]
    for figure, number in figures:
        if reached < middle:
            half = figure
        reached += number
    return f"figures from {figures[0][0]:g} to {figures[-1][0]:g}, half of them up to {half:g}"
