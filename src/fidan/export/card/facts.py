"""What a model card is made of: facts of a model, gathered elsewhere and never guessed.

A part that is None is unknown (a bare model has no record of its training), and the card says so. What it leaves out:
where facts come from (`fidan.provenance`) and how they are told (`fidan.export.card.writing`).
"""

from dataclasses import dataclass
from typing import Literal

from fidan.model.config import ModelConfig
from fidan.recipe import ExportConfig, Recipe


@dataclass(frozen=True)
class SourceFacts:
    """A source of the corpus, and how much of it was kept.

    Attributes:
        name: as its documents are labelled, or the dataset's name.
        kind: a dataset that fidan knows, one of the Hugging Face Hub, text of fidan's own making, or a file.
        documents: kept, for training and held out together.
        bytes: of their text.
        about: what it is, in English; empty where unknown.
        credit: who made it.
        terms: under which it may be used.
        page: where its makers tell of it.
        hub: its id on the Hub.
    """

    name: str
    kind: Literal["dataset", "hub", "synthetic", "file"]
    documents: int
    bytes: int
    about: str = ""
    credit: str = ""
    terms: str = ""
    page: str = ""
    hub: str = ""


@dataclass(frozen=True)
class CorpusFacts:
    """The text the model was trained on, and the text that was held out."""

    hash: str
    sources: tuple[SourceFacts, ...]
    read_documents: int
    read_bytes: int
    train_documents: int
    train_bytes: int
    held_out_documents: int
    held_out_bytes: int

    @property
    def others_wrote(self) -> bool:
        """Whether any of it is text of people, and not of fidan's making."""
        return any(source.kind != "synthetic" for source in self.sources)


@dataclass(frozen=True)
class TokenizerFacts:
    """How the vocabulary takes held-out text apart."""

    bytes_per_token: float
    tokens_per_word: float


@dataclass(frozen=True)
class TrainingFacts:
    """What the training counted, and what it ran on."""

    steps: int
    tokens: int
    epochs: float
    precision: str
    device: str
    hardware: str  # the processor's or the card's name; empty where it was not recorded
    processes: int
    seconds: float
    package: str
    commit: str  # empty for an installed package
    finished: str  # ISO 8601


@dataclass(frozen=True)
class EvaluationFacts:
    """The loss on held-out text; `weights` says whether of the last weights or of their average."""

    bits_per_byte: float
    loss: float
    perplexity: float
    documents: int
    tokens: int
    text_bytes: int
    context: int
    stride: int
    precision: str
    weights: str


@dataclass(frozen=True)
class Sample:
    """A prompt and what the model wrote after it."""

    prompt: str
    continuation: str


@dataclass(frozen=True)
class CardFacts:
    """Everything a card can tell.

    Attributes:
        name: of the model.
        model: its shape.
        vocabulary: V.
        export: number format, weights and licence.
        chat: it was trained to chat, and has a template for that.
        recipe: what it was made by.
        corpus: the text.
        tokenizer: the vocabulary.
        training: the course of the training.
        evaluation: of exactly the training above.
        samples: by exactly the training above.
    """

    name: str
    model: ModelConfig
    vocabulary: int
    export: ExportConfig
    chat: bool = False
    recipe: Recipe | None = None
    corpus: CorpusFacts | None = None
    tokenizer: TokenizerFacts | None = None
    training: TrainingFacts | None = None
    evaluation: EvaluationFacts | None = None
    samples: tuple[Sample, ...] = ()

    @property
    def parameters(self) -> int:
        """Every parameter, a tied matrix counted once."""
        return self.model.parameters(self.vocabulary)

    @property
    def measured(self) -> EvaluationFacts | None:
        """The evaluation, where it is one of the very weights that are exported."""
        same = self.evaluation is not None and self.evaluation.weights == self.export.weights
        return self.evaluation if same else None
