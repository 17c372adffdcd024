"""A recipe: everything that decides a run, as frozen dataclasses read from one TOML file.

Each section is the configuration of one stage. A section's values are checked here, with the reason, before
anything runs. `fidan.settings` does the reading; what a setting does is the business of its stage.
"""

import re
import string
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from fidan.corpus.config import CorpusConfig
from fidan.errors import RecipeError
from fidan.model.config import ModelConfig
from fidan.settings import added, build, incidental, nearest, override

APACHE = "apache-2.0"


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


@dataclass(frozen=True)
class TokenizerConfig:
    """SentencePiece BPE that round-trips every string; see docs/architecture.md for why each option is as it is."""

    vocab_size: int = 32_000
    character_coverage: float = 0.9995
    sample_bytes: int = 200_000_000  # text it learns from; bounds memory (about 10 bytes a byte)
    threads: int = incidental(2)  # for measuring it; training gives the same model with any number

    def __post_init__(self) -> None:
        _require(self.vocab_size >= 400, f"vocab_size = {self.vocab_size}: 256 bytes and the letters need 400.")
        _require(0.9 <= self.character_coverage <= 1.0, "character_coverage: between 0.9 and 1.")
        _require(self.threads >= 1, f"threads = {self.threads}: must be at least 1.")
        _require(self.sample_bytes > 0, f"sample_bytes = {self.sample_bytes}: must be positive.")


@dataclass(frozen=True)
class PackConfig:
    """Clean documents to token files. Everything about it follows from the corpus and the tokenizer."""

    workers: int = incidental(0)  # 0: as many as there are cores
    encoder: Literal["auto", "fast", "sentencepiece"] = incidental("auto")  # the ids are the same

    def __post_init__(self) -> None:
        _require(self.workers >= 0, f"workers = {self.workers}: must not be negative; 0 means all cores.")


@dataclass(frozen=True)
class TrainConfig:
    """How the model learns."""

    tokens: int  # how many to train on; repeats the corpus when it is smaller
    sequence_length: int = 1024
    batch_size: int = 8  # sequences a forward pass
    accumulate: int = 1  # forward passes a step; divided among the processes where there are several
    batch_ramp: float = 0.0  # share of the tokens over which the batch doubles three times, from an eighth; 0: none
    document_mask: bool = False  # no attention across the documents of a sequence
    optimizer: Literal["adamw", "muon"] = "adamw"  # muon: for the blocks' matrices; AdamW for the rest
    start: Literal["random", "bigrams"] = "random"  # bigrams: embedding and head fitted to pairs of tokens
    learning_rate: float = 6e-4  # AdamW's
    embedding_learning_rate: float = 0.0  # of the embedding, whose rows see few gradients; 0: learning_rate
    muon_learning_rate: float = 0.02
    muon_momentum: float = 0.95
    schedule: Literal["cosine", "linear", "wsd"] = "cosine"  # wsd: warm-up, stable, decay
    warmup_steps: int = 100
    decay: float = 0.2  # wsd: the share of the tokens over which the rate falls, at the end
    final_learning_rate: float = 0.1  # of the peak, at the end
    weight_decay: float = 0.1  # on the matrices of blocks and head
    embedding_decay: float = 0.0  # weight decay on the embedding, and on a head tied to it; norms have none
    beta1: float = 0.9
    beta2: float = 0.95
    clip: float = 1.0  # of the gradient's global norm; 0 turns it off
    z_loss: float = 0.0  # weight of log²(sum of exp of the logits), which keeps logits from drifting; 0 turns it off
    ema: float = 0.0  # decay a step of an exponential moving average of the weights; 0 turns it off
    spike: float = incidental(2.0)  # nats above the recent loss at which a step is bad, as NaN is; 0: no loss is
    skip_bad_steps: int = incidental(0)  # how many bad steps may be left out; the next one stops the run
    precision: Literal["auto", "bf16", "fp16", "fp32"] = "auto"  # auto: bf16 where the hardware has it
    device: str = incidental("auto")
    compile: bool = False
    activation_checkpointing: bool = incidental(False)  # less memory, a third more time
    distributed: Literal["ddp", "fsdp"] = incidental("ddp")  # with torchrun; fsdp: weights are spread over processes
    valid_every: int = incidental(250)  # steps
    valid_tokens: int = incidental(200_000)  # of the held-out documents, for the validations on the way
    sample_every: int = incidental(1000)  # steps; a text for each of generate.prompts; 0: none
    checkpoint_every: int = incidental(250)  # steps
    checkpoint_minutes: float = incidental(5.0)  # and at least this often
    keep_checkpoints: int = incidental(2)  # the last ones; the best is kept besides
    log_every: int = incidental(10)  # steps
    tensorboard: bool = incidental(True)
    label_smoothing: float = added(0.0)  # the share of a label's probability that is spread over the vocabulary
    patience: int = added(0)  # validations without a better score after which it ends with its best weights; 0: none

    def __post_init__(self) -> None:
        counts = ("tokens", "sequence_length", "batch_size", "accumulate", "valid_every", "valid_tokens")
        for name in (*counts, "checkpoint_every", "log_every", "keep_checkpoints"):
            _require(getattr(self, name) >= 1, f"{name} = {getattr(self, name)}: must be at least 1.")
        for name in (
            "warmup_steps",
            "sample_every",
            "skip_bad_steps",
            "spike",
            "z_loss",
            "clip",
            "embedding_learning_rate",
            "patience",
        ):
            _require(getattr(self, name) >= 0, f"{name} = {getattr(self, name)}: must not be negative.")
        for name in ("weight_decay", "embedding_decay"):
            _require(getattr(self, name) >= 0, f"{name} = {getattr(self, name)}: must not be negative.")
        for name in ("learning_rate", "muon_learning_rate", "checkpoint_minutes"):
            _require(getattr(self, name) > 0, f"{name} = {getattr(self, name)}: must be positive.")
        for name in ("beta1", "beta2", "muon_momentum", "ema", "batch_ramp", "label_smoothing"):
            _require(0 <= getattr(self, name) < 1, f"{name} = {getattr(self, name)}: from 0 to below 1.")
        for name in ("final_learning_rate", "decay"):
            _require(0 <= getattr(self, name) <= 1, f"{name} = {getattr(self, name)}: a share, between 0 and 1.")
        _require(self.warmup_steps < self.steps, f"warmup_steps = {self.warmup_steps}: the run has {self.steps}.")

    @property
    def sequences_per_step(self) -> int:
        """Sequences of one optimizer step over all processes, when the batch has its full size."""
        return self.batch_size * self.accumulate

    @property
    def tokens_per_step(self) -> int:
        """Tokens the model predicts in one optimizer step, when the batch has its full size."""
        return self.sequences_per_step * self.sequence_length

    @property
    def steps(self) -> int:
        """Optimizer steps without a batch ramp: `tokens` rounded up to whole steps."""
        return -(-self.tokens // self.tokens_per_step)


OWN_PAIRS = "fidan"


@dataclass(frozen=True)
class EvaluateConfig:
    """What is measured: every validation document, whole, in windows that overlap; grammar; tasks."""

    stride: int = 0  # tokens a window moves on; 0: half the context
    max_bytes: int = 0  # of the held-out documents, evenly spread; 0: all of them
    weights: Literal["last", "ema"] = "last"  # ema: the average that train.ema keeps
    pairs: tuple[str, ...] = (OWN_PAIRS,)  # files of good and bad sentences (.csv); fidan: the set in the package
    choices: tuple[str, ...] = ()  # files of multiple choice: .jsonl, or SQuAD's .json
    baselines: bool = True  # an n-gram model and others, so that bits a byte have a scale
    contamination: bool = True  # every set is looked for in the training text

    def __post_init__(self) -> None:
        for name in ("stride", "max_bytes"):
            _require(getattr(self, name) >= 0, f"{name} = {getattr(self, name)}: must not be negative.")


@dataclass(frozen=True)
class GenerateConfig:
    """How text is written: for the samples of a run, and as the defaults of an exported model.

    The rules apply in the order in which they stand here, from `repetition_penalty` to `typical_p`.
    """

    prompts: tuple[str, ...] = ("Bugün hava", "Bir varmış bir yokmuş,", "Ankara'da")
    max_new_tokens: int = 128
    samples: int = 1  # a prompt
    repetition_penalty: float = 1.1  # of tokens in prompt and text; 1: off
    frequency_penalty: float = 0.0  # taken from a token's logit for each time it was written; 0: off
    presence_penalty: float = 0.0  # taken once if it was written at all; 0: off
    no_repeat_ngram: int = 0  # no run of so many tokens comes twice; 0: off
    temperature: float = 0.8  # 0: greedy
    top_k: int = 0  # only the k likeliest; 0: off
    top_p: float = 0.95  # only the likeliest that reach p together; 1: off
    min_p: float = 0.0  # only those with at least this share of the likeliest one's probability; 0: off
    typical_p: float = 1.0  # only those whose surprise is nearest to the expected, until they reach p; 1: off
    beams: int = 1  # above 1: beam search, which draws nothing
    length_penalty: float = 1.0  # beams: a text's score is its log-probability / length ** this
    stop: tuple[str, ...] = ()  # the text ends before the first of these

    def __post_init__(self) -> None:
        for name in ("max_new_tokens", "samples", "beams"):
            _require(getattr(self, name) >= 1, f"{name} = {getattr(self, name)}: must be at least 1.")
        for name in ("top_k", "no_repeat_ngram"):
            _require(getattr(self, name) >= 0, f"{name} = {getattr(self, name)}: must not be negative; 0 is off.")
        _require(self.temperature >= 0, f"temperature = {self.temperature}: must not be negative; 0 is greedy.")
        for name in ("top_p", "typical_p"):
            _require(0 < getattr(self, name) <= 1, f"{name} = {getattr(self, name)}: above 0, at most 1 (off).")
        _require(0 <= self.min_p <= 1, f"min_p = {self.min_p}: from 0 (off) to 1.")
        _require(self.repetition_penalty > 0, f"repetition_penalty = {self.repetition_penalty}: must be positive.")
        _require(
            self.beams == 1 or self.temperature == 0,
            f"beams = {self.beams}: beam search draws nothing, so temperature = {self.temperature} must be 0.",
        )
        _require(
            self.beams > 1 or self.length_penalty == 1,
            f"length_penalty = {self.length_penalty}: only a beam search has one. Set beams.",
        )
        _require(all(self.stop), "stop: an empty string would end every text at once.")


GGUF_KINDS = ("F32", "F16", "BF16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_0")
_ASCII_UPPER = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)


def gguf_kind(text: str) -> str:
    """A kind of GGUF as llama.cpp spells it; `q4_K_M`, as Ollama writes it, will do.

    Raises:
        ValueError: there is no such kind; the nearest is named.
    """
    kind = text.translate(_ASCII_UPPER)
    _require(kind in GGUF_KINDS, f"{text!r}: not a kind of GGUF.{nearest(kind, GGUF_KINDS)}")
    return kind


@dataclass(frozen=True)
class ExportConfig:
    """The Hugging Face folder, what is made of it, and the licence the weights are given under."""

    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    weights: Literal["last", "ema"] = "last"  # ema: the average that train.ema keeps
    gguf: tuple[str, ...] = ()  # a file of each kind, e.g. Q8_0; those with a K need a llama.cpp
    license: str = APACHE  # an id in small letters, as the Hugging Face Hub spells them: mit, cc-by-4.0, openrail
    license_file: str = ""  # its text; that of apache-2.0 is in the package

    def __post_init__(self) -> None:
        kinds = tuple(dict.fromkeys(gguf_kind(kind) for kind in self.gguf))  # each once, in one spelling
        object.__setattr__(self, "gguf", kinds)
        _require(
            re.fullmatch(r"[a-z0-9][a-z0-9.+-]*", self.license) is not None,
            f"license = {self.license!r}: an id in small letters without spaces, such as apache-2.0 or cc-by-4.0.",
        )
        _require(
            self.license == APACHE or bool(self.license_file),
            f"license = {self.license!r}: name the file with its text, export.license_file = 'LICENSE.txt'.",
        )


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

    def __post_init__(self) -> None:
        _require(bool(self.name.strip()), "name is empty: the run's folder is called by it.")
        _require(self.seed >= 0, f"seed = {self.seed}: must not be negative.")
        _require(
            self.train.sequence_length <= self.model.context,
            f"train.sequence_length = {self.train.sequence_length}: the model's context is {self.model.context}.",
        )
        _require(
            self.train.start == "random" or not self.model.tie_embeddings,
            "train.start = 'bigrams': needs a head of its own. Set model.tie_embeddings = false.",
        )
        for section in ("evaluate", "export"):
            asked = getattr(self, section).weights == "ema"
            _require(self.train.ema > 0 or not asked, f"{section}.weights = 'ema': train.ema is 0, so there is none.")
        _require(
            self.evaluate.stride < self.model.context,
            f"evaluate.stride = {self.evaluate.stride}: must be below model.context = {self.model.context}.",
        )


def load_recipe(path: Path, assignments: Iterable[str] = ()) -> Recipe:
    """The recipe in the TOML file `path`, with `--set` assignments applied.

    Raises:
        RecipeError: a missing file, broken TOML, an unknown key (the nearest is named), a refused value.
    """
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecipeError(_missing_recipe(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise RecipeError(f"{path}: cannot be read as TOML: {error}") from error
    data.setdefault("name", path.stem)
    return build(Recipe, override(data, assignments), str(path))


def _missing_recipe(path: Path) -> str:
    known = sorted(str(p) for p in Path("recipes").glob("*.toml"))
    return f"{path}: no such recipe." + (f" Here are: {', '.join(known)}." if known else "")
