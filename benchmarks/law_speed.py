"""Milliseconds of processor time that the law assistant takes for a question: to find the articles, and to answer.

    python benchmarks/law_speed.py INDEX [FILE …]

INDEX is a folder made by `fidan law index`. Asks the questions of `benchmarks/law` and those of each FILE, JSONL with
`question` or `Soru` (of which 200 are taken, evenly spread). One thread; the index is warm after the first few.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import orjson

from fidan.law.assistant import Assistant
from fidan.law.index import LawIndex

HERE = Path(__file__).parent / "law"
SETS = [HERE / f"{name}.jsonl" for name in ("citizens", "in_scope", "out_of_scope")]
MOST = 200


def main() -> None:
    """Ask, print a line a file."""
    assistant = Assistant(LawIndex.open(Path(sys.argv[1])))
    for path in [*SETS, *map(Path, sys.argv[2:])]:
        rows = [orjson.loads(line) for line in path.read_bytes().splitlines() if line.strip()]
        questions = [row.get("question") or row["Soru"] for row in rows]
        questions = questions[:: max(1, len(questions) // MOST)][:MOST]
        for question in questions[:10]:
            assistant.find(question, 10)
        found = [_milliseconds(lambda question=question: assistant.find(question, 10)) for question in questions]
        answered = [_milliseconds(lambda question=question: assistant.answer(question)) for question in questions]
        middle, high = np.quantile(found, [0.5, 0.95])
        told = f"find {middle:.1f} ms in the middle, {high:.1f} for 95%; answer {np.median(answered):.1f} ms"
        print(f"{path.stem:<14} {len(questions):>4} questions: {told}")


def _milliseconds(call: Callable[[], object]) -> float:
    begun = time.process_time()
    call()
    return 1000 * (time.process_time() - begun)


if __name__ == "__main__":
    main()
