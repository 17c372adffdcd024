"""The generation loop: prompts are read once, then every row grows by a token a step, until its end.

A row ends at `</s>`, before a stop string, after `max_new_tokens`, or where the context is full: the window does not
slide, since a model never saw positions without their beginning. Whether a text goes on from its prompt, or
answers it as a source, is the engine's to say. What it leaves out: how logits are made (`engine`), beam search
(`search`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fidan.errors import FidanError
from fidan.generation.encoder_decoder_engine import EncoderDecoderEngine
from fidan.generation.engine import Engine
from fidan.generation.picking import Finish as Finish
from fidan.generation.picking import Picker, Writing
from fidan.generation.sampling import check_finite
from fidan.generation.search import beam_search
from fidan.generation.stopping import TextStream
from fidan.recipe import GenerateConfig
from fidan.tokenizer.pairs import encode_source
from fidan.tokenizer.tokenizer import Tokenizer


class Generation:
    """Rows of tokens that are written in step.

    Args:
        engine: the model.
        prompts: ids of each row, at least one each.
        config: how to pick and how long.
        ends: ids that end a text.
        seeds: of each row's draws; None leaves them to chance.
        vocabulary: how many of the model's ids stand for text; None: all. A model may have more than its tokenizer.

    Attributes:
        finished: why each row that has ended did, by the number of its prompt.

    Raises:
        FidanError: an empty prompt, or one that is too long for the model.
    """

    def __init__(
        self,
        engine: Engine,
        prompts: Sequence[Sequence[int]],
        config: GenerateConfig,
        ends: Sequence[int],
        seeds: Sequence[int] | None = None,
        vocabulary: int | None = None,
    ) -> None:
        check_prompts(prompts, engine)
        chosen: Sequence[int | None] = seeds or [None] * len(prompts)
        self._texts = [
            Writing(engine, prompt, config, ends, seed) for prompt, seed in zip(prompts, chosen, strict=True)
        ]
        self._vocabulary = vocabulary or engine.vocabulary
        self._decoding = engine.open(prompts, config.max_new_tokens)
        self._picker = Picker(self._vocabulary)
        for text in self._texts:
            self._picker.join(text)
        self._rows = list(range(len(prompts)))  # the prompt's number of each row of the decoding
        self._tokens: list[int] = []  # picked, and not yet given to the model
        self.finished: dict[int, Finish] = {}

    @property
    def running(self) -> bool:
        """Whether there is a row that goes on."""
        return len(self.finished) < len(self._texts)

    def drop(self, number: int) -> None:
        """End a row from outside: its text has met a stop string, or nobody wants it any more."""
        self.finished.setdefault(number, "stop")

    def step(self) -> list[tuple[int, int]]:
        """The next token of every running row, with the number of its prompt; a row that met its end gives none.

        Raises:
            LogitsError: the model gave a logit that is not finite; the error says in which text and where.
        """
        self._leave_finished()
        if not self._rows:
            return []
        if self._tokens:
            self._decoding.advance(self._tokens)
        logits = self._decoding.logits[:, : self._vocabulary]
        check_finite(logits, [f"text {n + 1}, token {self._texts[n].place:,}" for n in self._rows])
        self._tokens = self._picker.pick(logits)
        written = []
        for number, token in zip(self._rows, self._tokens, strict=True):
            text = self._texts[number]
            if text.take(token):
                written.append((number, token))
            if text.finish is not None:
                self.finished[number] = text.finish
        return written

    def _leave_finished(self) -> None:
        kept = list(range(len(self._rows)))
        for row in reversed(range(len(self._rows))):
            if self._rows[row] in self.finished:
                self._picker.leave(row)
                last = kept.pop()
                if row < len(kept):
                    kept[row] = last
        if len(kept) == len(self._rows):
            return
        self._rows = [self._rows[row] for row in kept]
        self._tokens = [self._tokens[row] for row in kept]
        if kept:
            self._decoding.select(kept)


def check_prompts(prompts: Sequence[Sequence[int]], engine: Engine) -> None:
    """Refuse prompts that no text can follow.

    Raises:
        FidanError: one is empty, or longer than the model can read.
    """
    for prompt in prompts:
        if not prompt or len(prompt) > engine.longest_prompt:
            raise FidanError(
                f"a prompt of {len(prompt):,} tokens: it must have at least one and, with the model's context of "
                f"{engine.context:,}, at most {engine.longest_prompt:,}. Shorten it."
            )


@dataclass(frozen=True)
class Written:
    """A text that a model wrote: its ids without the closing one, what they say, and why it ended."""

    ids: list[int]
    text: str
    finish: Finish


def write(
    engine: Engine,
    tokenizer: Tokenizer,
    prompts: Sequence[Sequence[int]],
    config: GenerateConfig,
    seeds: Sequence[int] | None = None,
    ends: Sequence[int] = (),
) -> list[Written]:
    """A text for every prompt, all of them in one batch; each is what it would be alone.

    Args:
        engine: the model.
        tokenizer: the model's.
        prompts: ids; with `<s>` in front where the text goes on from them, as it was trained where they are sources.
        config: how to pick and how long.
        seeds: one a prompt; None leaves the draws to chance.
        ends: ids that end a text; empty: `</s>`.
    """
    ends = ends or (tokenizer.eos_id,)
    if config.beams > 1:
        check_prompts(prompts, engine)
        return [_best(engine, tokenizer, prompt, config, ends) for prompt in prompts]
    generation = Generation(engine, prompts, config, ends, seeds, tokenizer.vocab_size)
    streams = [TextStream(tokenizer, engine.beginning(prompt), config.stop) for prompt in prompts]
    ids: list[list[int]] = [[] for _ in prompts]
    texts = [""] * len(prompts)
    while generation.running:
        for number, token in generation.step():
            ids[number].append(token)
            texts[number] += streams[number].push(token)
            if streams[number].stopped:
                generation.drop(number)
    texts = [text + stream.finish() for text, stream in zip(texts, streams, strict=True)]
    finishes = ["stop" if stream.stopped else generation.finished[n] for n, stream in enumerate(streams)]
    return [Written(*one) for one in zip(ids, texts, finishes, strict=True)]


def _best(
    engine: Engine, tokenizer: Tokenizer, prompt: Sequence[int], config: GenerateConfig, ends: Sequence[int]
) -> Written:
    best = beam_search(engine, prompt, config, ends, tokenizer.vocab_size)[0]
    stream = TextStream(tokenizer, engine.beginning(prompt), config.stop)
    text = "".join(map(stream.push, best.ids)) + stream.finish()
    return Written(best.ids, text, "stop" if stream.stopped else best.finish)


def prompt_ids(engine: Engine, tokenizer: Tokenizer, text: str) -> list[int]:
    """What an engine's model reads of a text: `<s>` and the text, to go on from; or a source and its end, to answer.

    Raises:
        FidanError: an empty source.
    """
    if isinstance(engine, EncoderDecoderEngine):
        return encode_source(tokenizer, text).ids
    return tokenizer.encode(text, bos=True)


class Stream:
    """One text, written as it is read: iterating gives a piece of whole characters a token, often an empty one.

    Leaving it early costs nothing more; a beam search comes in one piece.

    Args:
        engine: the model.
        tokenizer: the model's.
        prompt: ids, as `write` takes them.
        config: how to pick and how long.
        seed: of the draws; None leaves them to chance.
        ends: ids that end the text; None: `</s>`.

    Attributes:
        finish: why it ended; None while it goes on.

    Raises:
        FidanError: a prompt that is empty, or too long for the model.
    """

    def __init__(
        self,
        engine: Engine,
        tokenizer: Tokenizer,
        prompt: Sequence[int],
        config: GenerateConfig,
        seed: int | None = None,
        ends: Sequence[int] | None = None,
    ) -> None:
        check_prompts([prompt], engine)
        self.finish: Finish | None = None
        self._of = engine, tokenizer, prompt, config, (tokenizer.eos_id,) if ends is None else ends
        self._pieces = self._search() if config.beams > 1 else self._draw(None if seed is None else [seed])

    def __iter__(self) -> Iterator[str]:
        return self._pieces

    def _search(self) -> Iterator[str]:
        best = _best(*self._of)
        self.finish = best.finish
        yield best.text

    def _draw(self, seeds: Sequence[int] | None) -> Iterator[str]:
        engine, tokenizer, prompt, config, ends = self._of
        generation = Generation(engine, [prompt], config, ends, seeds, tokenizer.vocab_size)
        text = TextStream(tokenizer, engine.beginning(prompt), config.stop)
        while generation.running and not text.stopped:
            for _, token in generation.step():
                yield text.push(token)
        rest = text.finish()
        self.finish = "stop" if text.stopped else generation.finished[0]
        yield rest


def stream(
    engine: Engine, tokenizer: Tokenizer, prompt: str, config: GenerateConfig, seed: int | None = None
) -> Iterator[str]:
    """The text for `prompt` as pieces of text, whole characters only; a beam search comes in one piece."""
    return filter(None, Stream(engine, tokenizer, prompt_ids(engine, tokenizer, prompt), config, seed))


def sample(engine: Engine, tokenizer: Tokenizer, config: GenerateConfig, seed: int) -> list[dict[str, str]]:
    """The recipe's samples: every prompt `config.samples` times, each with a seed of its own."""
    prompts = list(config.prompts) * config.samples
    ids = [prompt_ids(engine, tokenizer, prompt) for prompt in prompts]
    seeds = [seed + number for number in range(len(prompts))]
    written = write(engine, tokenizer, ids, config, seeds) if prompts else []
    return [{"prompt": prompt, "continuation": one.text} for prompt, one in zip(prompts, written, strict=True)]
