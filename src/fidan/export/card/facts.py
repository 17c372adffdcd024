"""What a model card is made of: facts of a model, gathered elsewhere and never guessed.

A part that is None is unknown (a bare model has no record of its training), and the card says so. What it leaves out:
where facts come from (`fidan.provenance`) and how they are told (`fidan.export.card.writing`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
class CourseFacts:
    """What a training counted, and what it ran on."""

    steps: int
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
class TrainingFacts(CourseFacts):
    """The training on text."""

    tokens: int


@dataclass(frozen=True)
class FinetuneFacts(CourseFacts):
    """The training on questions and answers, after the other or instead of it.

    Attributes:
        pairs: to learn from.
        held_out_pairs: for validations and the evaluation.
        best_step: whose weights were kept.
    """

    pairs: int
    held_out_pairs: int
    best_step: int


@dataclass(frozen=True)
class ChatFacts(CourseFacts):
    """The course of a training on conversations.

    Attributes:
        conversations: to learn from.
        held_out_conversations: for validations and the evaluation.
        replayed_share: of the pretraining text in what counted.
        best_step: whose weights were kept.
        test: figures of the test conversations, with those before the training (`…_before`); None: not measured.
    """

    conversations: int
    held_out_conversations: int
    replayed_share: float
    best_step: int
    test: Mapping[str, float] | None = None


@dataclass(frozen=True)
class PreferenceFacts(CourseFacts):
    """The course of a training on preferences.

    Attributes:
        pairs: to learn from.
        held_out_pairs: to judge by.
        best_step: whose weights were kept.
        loss: of the held-out pairs then, nats a pair; ln 2 before the first step.
    """

    pairs: int
    held_out_pairs: int
    best_step: int
    loss: float


@dataclass(frozen=True)
class TaskFacts:
    """A test that is right or wrong, item by item.

    Attributes:
        kind: minimal pairs, of which the better sentence must be the likelier, or multiple choice.
        name: of the set.
        items: of it.
        value: the share that is right.
        error: its standard error; None where there is none to tell.
        low: of the 95% interval; None as `error`.
        chance: the share that guessing gets right.
        length: the share that choosing the shorter sentence gets right; None of multiple choice.
    """

    kind: Literal["pairs", "choices"]
    name: str
    items: int
    value: float
    error: float | None
    low: float | None
    chance: float
    length: float | None = None

    @property
    def above_chance(self) -> bool:
        """Whether the whole 95% interval lies above what takes no language."""
        return self.low is not None and self.low > max(self.chance, self.length or 0.0)


@dataclass(frozen=True)
class ContaminationFacts:
    """What of a test stands in the training text.

    Attributes:
        set: the test's name.
        items: of it, documents among them.
        looked_for: of them, those that are long enough.
        contaminated: of them, those of which something was found.
    """

    set: str
    items: int
    looked_for: int
    contaminated: int


@dataclass(frozen=True)
class EvaluationFacts:
    """What was measured.

    Attributes:
        bits_per_byte: of held-out text.
        bits_per_byte_error: its standard error over documents; None of one document.
        loss: nats a token.
        perplexity: e to the loss.
        accuracy: the share of tokens that the model held for the likeliest.
        documents: of the text.
        tokens: that were counted.
        text_bytes: of the text, in UTF-8.
        context: tokens of a window.
        stride: tokens a window moves on.
        precision: of the computation.
        weights: whether the last ones were measured or their average.
        text: what `contamination` calls the held-out text.
        baselines: name → bits a byte of the same text without a neural model; empty where none was computed.
        tasks: the tests.
        contamination: of every test; empty where it was not looked for.
    """

    bits_per_byte: float
    bits_per_byte_error: float | None
    loss: float
    perplexity: float
    accuracy: float
    documents: int
    tokens: int
    text_bytes: int
    context: int
    stride: int
    precision: str
    weights: str
    text: str
    baselines: Mapping[str, float] = field(default_factory=dict)
    tasks: tuple[TaskFacts, ...] = ()
    contamination: tuple[ContaminationFacts, ...] = ()


@dataclass(frozen=True)
class AnswerFacts:
    """What was measured of answers to questions that no training has seen.

    Attributes:
        questions: how many.
        written: figures of what the model wrote by itself, by the names of `AnswerFigures`.
        unfinished: answers that were broken off.
        loss: nats a token of the wanted answers, with their beginning given.
        perplexity: e to the loss.
        accuracy: the share of those tokens that the model held for the likeliest.
        top_accuracy: the share of them among its five likeliest.
        baselines: name → the same figures as `written`.
        weights: whether the last ones were measured or their average.
    """

    questions: int
    written: Mapping[str, float]
    unfinished: int
    loss: float
    perplexity: float
    accuracy: float
    top_accuracy: float
    baselines: Mapping[str, Mapping[str, float]]
    weights: str


@dataclass(frozen=True)
class Sample:
    """A prompt and what the model wrote after it.

    Attributes:
        prompt: as it was given.
        continuation: what the model wrote.
        answer: whether it was asked the prompt in a chat, so that it does not go on from it.
    """

    prompt: str
    continuation: str
    answer: bool = False


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
        training: the course of the training on text.
        finetuning: the course of the training on questions and answers.
        chatting: the course of the training on conversations.
        preferring: the course of the training on preferences.
        evaluation: of exactly the training above.
        answers: likewise, of a model that was fine-tuned.
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
    finetuning: FinetuneFacts | None = None
    chatting: ChatFacts | None = None
    preferring: PreferenceFacts | None = None
    evaluation: EvaluationFacts | None = None
    answers: AnswerFacts | None = None
    samples: tuple[Sample, ...] = ()

    @property
    def parameters(self) -> int:
        """Every parameter, a tied matrix counted once."""
        return self.model.parameters(self.vocabulary)

    @property
    def encoder(self) -> bool:
        """Whether it is an encoder-decoder."""
        return self.model.encoder_layers > 0

    @property
    def last(self) -> CourseFacts | None:
        """The training that made the weights."""
        return self.preferring or self.chatting or self.finetuning or self.training

    @property
    def answered(self) -> AnswerFacts | None:
        """The figures of answers, where they are of the very weights that are exported."""
        same = self.answers is not None and self.answers.weights == self.export.weights
        return self.answers if same else None

    @property
    def measured(self) -> EvaluationFacts | None:
        """The evaluation, where it is one of the very weights that are exported."""
        same = self.evaluation is not None and self.evaluation.weights == self.export.weights
        return self.evaluation if same else None
