"""Which preferences a chat model is tuned on, and what is held out of them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PreferencesConfig:
    """A set of preferences.

    The splits go by groups that share a prompt (`split`), whatever the order of the sources.
    """

    sources: tuple[str, ...]  # .jsonl, .json, .csv, .parquet, hf:owner/name, or synthetic:N (N pairs made here)
    prompt: str = "prompt"  # the column of the prompts: a text, or a list of messages
    chosen: str = "chosen"  # of the better answers: a text, or a list of messages that ends with the answer
    rejected: str = "rejected"  # of the worse answers, likewise
    valid_share: float = 0.05  # of the groups: to judge the training by

    def __post_init__(self) -> None:
        if not self.sources:
            raise ValueError("sources: name at least one file of preferences, or synthetic:N.")
        names = (self.prompt, self.chosen, self.rejected)
        if not all(names) or len(set(names)) < 3:
            raise ValueError("prompt, chosen, rejected: name three columns.")
        if not 0 < self.valid_share < 1:
            raise ValueError(f"valid_share = {self.valid_share}: above 0, below 1.")
