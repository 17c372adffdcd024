"""Which questions and answers a fine-tuning learns from, and what is held out of them."""

from dataclasses import dataclass

from fidan.corpus.splits import require_shares


@dataclass(frozen=True)
class PairsConfig:
    """A set of question-answer pairs.

    The splits go by groups that share an answer or a question (`split`), whatever the order of the sources.
    """

    sources: tuple[str, ...]  # .csv, .jsonl, .parquet, or a Hugging Face dataset as hf:owner/name
    question: str = "Soru"  # the column of the questions
    answer: str = "Cevap"
    context: str = ""  # the column of the texts that answers rest on; empty: there are none
    valid_share: float = 0.1  # of the groups: to watch the training by
    test_share: float = 0.1  # of the groups: for the evaluation alone
    max_source: int = 256  # ids of a question with its context; what is longer is cut
    max_target: int = 256  # ids of an answer

    def __post_init__(self) -> None:
        if not self.sources:
            raise ValueError("sources: name at least one file of questions and answers.")
        for name in ("question", "answer"):
            if not getattr(self, name):
                raise ValueError(f"{name}: name the column.")
        require_shares(self.valid_share, self.test_share)
        for name in ("max_source", "max_target"):
            if getattr(self, name) < 2:
                raise ValueError(f"{name} = {getattr(self, name)}: must be at least 2.")
