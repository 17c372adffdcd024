"""Which conversations a chat model learns from, and what is held out of them."""

from dataclasses import dataclass

from fidan.corpus.splits import require_shares


@dataclass(frozen=True)
class ConversationsConfig:
    """A set of conversations.

    The splits go by groups that share an opening or an answer (`split`), whatever the order of the sources.
    """

    sources: tuple[
        str, ...
    ]  # .jsonl, .json, .csv, .parquet, hf:owner/name, or synthetic:N (N conversations made here)
    question: str = "Soru"  # the column of the questions, where rows have no turns and no instructions
    answer: str = "Cevap"
    context: str = ""  # the column of a text that the question is about; empty: there is none
    valid_share: float = 0.05  # of the groups: to watch the training by
    test_share: float = 0.05  # of the groups: for the evaluation alone

    def __post_init__(self) -> None:
        if not self.sources:
            raise ValueError("sources: name at least one file of conversations, or synthetic:N.")
        for name in ("question", "answer"):
            if not getattr(self, name):
                raise ValueError(f"{name}: name the column.")
        require_shares(self.valid_share, self.test_share)
