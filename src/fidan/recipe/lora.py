"""Settings of LoRA (Hu et al., arXiv 2106.09685), which a tuning of a chat model may take: `[sft]` and `[dpo]`."""

from dataclasses import dataclass, fields

from fidan.recipe.require import require

LORA_TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


@dataclass(frozen=True)
class LoraConfig:
    """Which matrices get an adapter, and how large it is.

    An adapter adds lora_alpha / lora_rank · B·A to a matrix that is itself left as it is.
    """

    lora_rank: int = 0  # of an adapter, rows of A and columns of B; 0: all weights learn, and there are no adapters
    lora_alpha: float = 16.0
    lora_dropout: float = 0.0  # of what an adapter reads
    lora_targets: tuple[str, ...] = LORA_TARGETS  # the matrices of a block that get one

    def __post_init__(self) -> None:
        require(self.lora_rank >= 0, f"lora_rank = {self.lora_rank}: must not be negative.")
        require(self.lora_alpha > 0, f"lora_alpha = {self.lora_alpha}: must be positive.")
        require(0 <= self.lora_dropout < 1, f"lora_dropout = {self.lora_dropout}: from 0 to below 1.")
        known = ", ".join(LORA_TARGETS)
        require(bool(self.lora_targets), f"lora_targets = []: name at least one of {known}.")
        for name in self.lora_targets:
            require(name in LORA_TARGETS, f"lora_targets: {name!r} is no matrix of a block. Known: {known}.")
        for field in fields(LoraConfig):
            value = getattr(self, field.name)
            require(
                self.lora_rank > 0 or value == field.default,
                f"{field.name} = {value!r}: only with lora_rank above 0. Leave it out.",
            )


NO_LORA = LoraConfig()  # all weights learn
