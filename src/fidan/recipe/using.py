"""Settings of what is done with a trained model: measured, written with, given away."""

import re
import string
from dataclasses import dataclass
from typing import Literal

from fidan.model.config import ModelConfig
from fidan.recipe.require import require
from fidan.settings import added, nearest

APACHE = "apache-2.0"
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
            require(getattr(self, name) >= 0, f"{name} = {getattr(self, name)}: must not be negative.")


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
            require(getattr(self, name) >= 1, f"{name} = {getattr(self, name)}: must be at least 1.")
        for name in ("top_k", "no_repeat_ngram"):
            require(getattr(self, name) >= 0, f"{name} = {getattr(self, name)}: must not be negative; 0 is off.")
        require(self.temperature >= 0, f"temperature = {self.temperature}: must not be negative; 0 is greedy.")
        for name in ("top_p", "typical_p"):
            require(0 < getattr(self, name) <= 1, f"{name} = {getattr(self, name)}: above 0, at most 1 (off).")
        require(0 <= self.min_p <= 1, f"min_p = {self.min_p}: from 0 (off) to 1.")
        require(self.repetition_penalty > 0, f"repetition_penalty = {self.repetition_penalty}: must be positive.")
        require(
            self.beams == 1 or self.temperature == 0,
            f"beams = {self.beams}: beam search draws nothing, so temperature = {self.temperature} must be 0.",
        )
        require(
            self.beams > 1 or self.length_penalty == 1,
            f"length_penalty = {self.length_penalty}: only a beam search has one. Set beams.",
        )
        require(all(self.stop), "stop: an empty string would end every text at once.")


GGUF_KINDS = ("F32", "F16", "BF16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_0")
_ASCII_UPPER = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)


def gguf_kind(text: str) -> str:
    """A kind of GGUF as llama.cpp spells it; `q4_K_M`, as Ollama writes it, will do.

    Raises:
        ValueError: there is no such kind; the nearest is named.
    """
    kind = text.translate(_ASCII_UPPER)
    require(kind in GGUF_KINDS, f"{text!r}: not a kind of GGUF.{nearest(kind, GGUF_KINDS)}")
    return kind


@dataclass(frozen=True)
class ExportConfig:
    """The Hugging Face folder, what is made of it, and the licence the weights are given under."""

    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    weights: Literal["last", "ema"] = "last"  # ema: the average that train.ema keeps
    gguf: tuple[str, ...] = ()  # a file of each kind, e.g. Q8_0; those with a K need a llama.cpp
    ctranslate2: bool = added(False)  # of an encoder-decoder: a folder for CTranslate2, which has to be installed
    license: str = APACHE  # an id in small letters, as the Hugging Face Hub spells them: mit, cc-by-4.0, openrail
    license_file: str = ""  # its text; that of apache-2.0 is in the package

    def __post_init__(self) -> None:
        kinds = tuple(dict.fromkeys(gguf_kind(kind) for kind in self.gguf))  # each once, in one spelling
        object.__setattr__(self, "gguf", kinds)
        require(
            re.fullmatch(r"[a-z0-9][a-z0-9.+-]*", self.license) is not None,
            f"license = {self.license!r}: an id in small letters without spaces, such as apache-2.0 or cc-by-4.0.",
        )
        require(
            self.license == APACHE or bool(self.license_file),
            f"license = {self.license!r}: name the file with its text, export.license_file = 'LICENSE.txt'.",
        )


NO_LLAMA_CPP = "llama.cpp, and so Ollama, has no such architecture as an encoder-decoder's, T5Gemma."


def no_export(model: ModelConfig) -> str:
    """Why no other program knows such a model; empty: it can be exported."""
    kind, unlike = ("T5Gemma", model.t5gemma_shaped()) if model.encoder_layers else ("Llama", model.llama_shaped())
    return f"the model cannot be exported: {', '.join(unlike)}, which {kind} does not have" if unlike else ""
