"""Settings of what makes a chat model: supervised fine-tuning on conversations."""

from dataclasses import dataclass
from typing import Any

from fidan.corpus.conversations.config import ConversationsConfig
from fidan.recipe.learning import TrainConfig
from fidan.recipe.lora import LoraConfig
from fidan.recipe.require import require
from fidan.recipe.tuning import TuningConfig
from fidan.settings import incidental


@dataclass(frozen=True)
class SftConfig(TuningConfig, LoraConfig, ConversationsConfig):
    """How a trained decoder learns to chat: from which conversations, and what is other than in `[train]`.

    A sequence of this training is a row: several conversations, or a window of the text before.
    """

    batch_size: int = 16  # rows a forward pass
    learning_rate: float = 2e-4
    sequence_length: int = 0  # of a row; 0: the model's context
    prompt_weight: float = 0.0  # of a label that the assistant does not write; 0: only its turns count
    system_share: float = 0.0  # of the conversations without a system message, before which `chat.SYSTEM` is put
    replay: float = 0.1  # share of the rows that are windows of the text of the training before
    samples: int = incidental(6)  # held-out questions that are answered at each validation; 0: none
    prompts: tuple[str, ...] = incidental(  # what the finished model is asked, for the samples of the run
        ("Merhaba, nasılsın?", "Türkiye'nin başkenti neresidir?", "Bana kısa bir hikâye anlatır mısın?")
    )

    def __post_init__(self) -> None:
        ConversationsConfig.__post_init__(self)
        LoraConfig.__post_init__(self)
        TuningConfig.__post_init__(self)
        require(
            self.sequence_length == 0 or self.sequence_length >= 16,
            f"sequence_length = {self.sequence_length}: must be at least 16, or 0 for the model's context.",
        )
        for name in ("prompt_weight", "system_share"):
            require(0 <= getattr(self, name) <= 1, f"{name} = {getattr(self, name)}: a share, between 0 and 1.")
        require(0 <= self.replay < 1, f"replay = {self.replay}: a share of the rows, from 0 to below 1.")
        require(self.samples >= 0, f"samples = {self.samples}: must not be negative.")
        require(all(prompt.strip() for prompt in self.prompts), "prompts: one of them is empty.")

    def ways(self, train: TrainConfig) -> dict[str, Any]:
        """Attention stays within a conversation; rows are of one length, so they may be compiled as text is."""
        return {"document_mask": True, "compile": train.compile}
