"""A recipe: everything that decides a run, as frozen dataclasses read from one TOML file.

Each section is the configuration of one stage. A section's values are checked where it is defined (`text`,
`learning`, `using`, and the configs of corpus and model), what sections must agree on is checked here, with the
reason, before anything runs. `fidan.settings` does the reading; what a setting does is the business of its stage.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fidan.corpus.config import CorpusConfig
from fidan.errors import RecipeError
from fidan.model.config import ModelConfig
from fidan.recipe.chatting import SftConfig
from fidan.recipe.learning import TrainConfig
from fidan.recipe.lora import LORA_TARGETS, NO_LORA, LoraConfig
from fidan.recipe.preferring import DpoConfig
from fidan.recipe.require import require
from fidan.recipe.shipped import find_recipe
from fidan.recipe.text import PackConfig, TokenizerConfig
from fidan.recipe.tuning import FinetuneConfig, TuningConfig
from fidan.recipe.using import (
    APACHE,
    GGUF_KINDS,
    NO_LLAMA_CPP,
    OWN_PAIRS,
    EvaluateConfig,
    ExportConfig,
    GenerateConfig,
    gguf_kind,
    no_export,
)
from fidan.settings import build, override

__all__ = [
    "APACHE", "GGUF_KINDS", "LORA_TARGETS", "NO_LLAMA_CPP", "NO_LORA", "OWN_PAIRS", "DpoConfig", "EvaluateConfig",
    "ExportConfig", "FinetuneConfig", "GenerateConfig", "LoraConfig", "PackConfig", "Recipe", "SftConfig",
    "TokenizerConfig", "TrainConfig", "TuningConfig", "gguf_kind", "load_recipe", "no_export",
]  # fmt: skip


@dataclass(frozen=True)
class Recipe:
    """One run, whole."""

    train: TrainConfig
    corpus: CorpusConfig
    name: str
    description: str = ""
    seed: int = 42
    tokenizer: TokenizerConfig = field(default_factory=TokenizerConfig)
    pack: PackConfig = field(default_factory=PackConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    evaluate: EvaluateConfig = field(default_factory=EvaluateConfig)
    generate: GenerateConfig = field(default_factory=GenerateConfig)
    export: ExportConfig = field(default_factory=ExportConfig)
    finetune: FinetuneConfig | None = None  # None: the model that is trained is the result
    sft: SftConfig | None = None  # None: it does not chat
    dpo: DpoConfig | None = None  # None: no preferences are learnt

    def __post_init__(self) -> None:
        require(bool(self.name.strip()), "name is empty: the run's folder is called by it.")
        require(self.seed >= 0, f"seed = {self.seed}: must not be negative.")
        require(
            self.train.sequence_length <= self.model.context,
            f"train.sequence_length = {self.train.sequence_length}: the model's context is {self.model.context}.",
        )
        require(
            self.train.start == "random" or not self.model.tie_embeddings,
            "train.start = 'bigrams': needs a head of its own. Set model.tie_embeddings = false.",
        )
        last = self.trainings[-1]
        averaged = getattr(self, last).ema > 0
        for section in ("evaluate", "export"):
            asked = getattr(self, section).weights == "ema"
            require(averaged or not asked, f"{section}.weights = 'ema': {last}.ema is 0, so there is none.")
        require(
            self.evaluate.stride < self.model.context,
            f"evaluate.stride = {self.evaluate.stride}: must be below model.context = {self.model.context}.",
        )
        self._check_encoder()
        self._check_chat()
        self._check_export()

    @property
    def trainings(self) -> tuple[str, ...]:
        """The sections that make weights, in order; the last one's are the run's model."""
        given = tuple(name for name in ("finetune", "sft", "dpo") if getattr(self, name) is not None)
        return given if self.finetune and self.finetune.start == "random" else ("train", *given)

    def _check_chat(self) -> None:
        if self.sft is None:
            require(self.dpo is None, "[dpo]: starts from a chat model, and the recipe has no [sft] that makes one.")
            return
        require(not self.model.encoder_layers, "[sft]: needs a decoder alone. Set model.encoder_layers = 0.")
        require(
            self.sft.sequence_length <= self.model.context,
            f"sft.sequence_length = {self.sft.sequence_length}: the model's context is {self.model.context}.",
        )
        longest = self.dpo.max_length if self.dpo else 0
        require(
            longest <= self.model.context, f"dpo.max_length = {longest}: the model's context is {self.model.context}."
        )

    def _check_export(self) -> None:
        export, model = self.export, self.model
        reason = no_export(model)
        require(not reason or export == ExportConfig(), f"[export]: {reason}. Leave it out.")
        if not model.encoder_layers:
            require(not export.ctranslate2, "export.ctranslate2 = true: is for encoder-decoders; here there is GGUF.")
            return
        require(not export.gguf, f"export.gguf: {NO_LLAMA_CPP} Set export.ctranslate2 = true instead.")
        require(
            model.tie_embeddings or not export.ctranslate2,
            "export.ctranslate2 = true: it takes the embedding for the head. Set model.tie_embeddings = true.",
        )

    def _check_encoder(self) -> None:
        train, context, encoder = self.train, self.model.context, self.model.encoder_layers > 0
        if not encoder:
            message = "needs an encoder. Set model.encoder_layers above 0."
            require(train.objective == "next-token", f"train.objective = {train.objective!r}: {message}")
            require(self.finetune is None, f"[finetune]: {message}")
            return
        require(
            train.objective == "denoising",
            "train.objective = 'next-token': has no use for an encoder. Set train.objective = 'denoising'.",
        )
        evaluate = replace(EvaluateConfig(), weights=self.evaluate.weights)
        require(self.evaluate == evaluate, "[evaluate]: an encoder-decoder has only `weights`. Leave the rest out.")
        gaps = train.noise[1]
        require(
            self.tokenizer.sentinels >= gaps,
            f"tokenizer.sentinels = {self.tokenizer.sentinels}: a sequence of train.sequence_length = "
            f"{train.sequence_length} has {gaps} gaps, each with one of its own. Set tokenizer.sentinels = {gaps}.",
        )
        lengths = {"train: source": train.source_length, "train: target": train.target_length}
        for name in ("max_source", "max_target") if self.finetune else ():
            lengths[f"finetune.{name}"] = getattr(self.finetune, name)
        for name, length in lengths.items():
            require(length <= context, f"{name} = {length} ids: the model's context is {context}.")


def load_recipe(path: Path, assignments: Iterable[str] = ()) -> Recipe:
    """The recipe in the TOML file `path`, or the shipped one of that name, with `--set` assignments applied.

    Raises:
        RecipeError: a missing file, broken TOML, an unknown key (the nearest is named), a refused value.
    """
    file = find_recipe(path)
    try:
        data: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise RecipeError(f"{path}: cannot be read as TOML: {error}") from error
    data.setdefault("name", file.stem)
    return build(Recipe, override(data, assignments), str(path))
