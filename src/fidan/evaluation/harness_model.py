"""Our model as a language model of lm-evaluation-harness: what its tasks ask is answered by `score` and `write`.

The numbers are those of the harness's own `HFLM` on the exported folder of the same model, so its rules hold here,
too: a context gets `<s>` in front, an empty one is `<s>` alone; names of control symbols in a text are these symbols,
as Transformers reads them; what is too long is cut on the left. In a rolling log-likelihood the text has its `<s>`
after the prefix, which is another one, and is asked for it: `HFLM` does so with every tokenizer that adds one.

One rule is not taken over: `HFLM` writes with the defaults of the folder's `generation_config.json`, a repetition
penalty for instance, though the task does not ask for it. Here a text is written as the task says and not otherwise.

This module imports the harness, which takes seconds; `fidan.evaluation.harness` imports it where it is wanted. What
it leaves out: chat templates.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import orjson
from lm_eval.api.model import TemplateLM
from lm_eval.models.utils import handle_stop_sequences, normalize_gen_kwargs
from lm_eval.utils import get_rolling_token_windows, make_disjoint_window

from fidan.errors import FidanError
from fidan.evaluation.scoring import Request, score
from fidan.generation.engine import TorchEngine
from fidan.generation.generate import write
from fidan.model.decoder import Decoder
from fidan.progress import Reporter
from fidan.recipe import GenerateConfig
from fidan.tokenizer.tokenizer import Tokenizer

MAX_NEW_TOKENS = 256  # where a task does not say; HFLM's
WRITING_ROWS = 32  # texts that are written side by side
SEED = 1234  # the harness's own

# Transformers' names of the rules of generation, and ours.
_RULES = {
    "top_k": "top_k",
    "top_p": "top_p",
    "min_p": "min_p",
    "typical_p": "typical_p",
    "repetition_penalty": "repetition_penalty",
    "no_repeat_ngram_size": "no_repeat_ngram",
    "num_beams": "beams",
    "length_penalty": "length_penalty",
}


class HarnessModel(TemplateLM):  # type: ignore[misc]
    """A `Decoder` that answers the harness.

    Args:
        model: the decoder.
        tokenizer: its own.
        autocast: the number format to compute in.
        reporter: shows progress.
        seed: of the first text that is drawn; each has a seed of its own.
    """

    def __init__(
        self,
        model: Decoder,
        tokenizer: Tokenizer,
        autocast: AbstractContextManager[object],
        reporter: Reporter,
        seed: int = SEED,
    ) -> None:
        super().__init__()
        self._model, self._tokenizer = model, tokenizer
        self._autocast, self._reporter, self._seed = autocast, reporter, seed
        self._names = {tokenizer.piece(i): i for i in tokenizer.special_ids}
        self._name = re.compile("|".join(re.escape(name) for name in sorted(self._names, key=len, reverse=True)))

    @property
    def max_length(self) -> int:
        """The context, in tokens."""
        return self._model.config.context

    @property
    def eot_token_id(self) -> int:
        """The id of `</s>`."""
        return self._tokenizer.eos_id

    @property
    def prefix_token_id(self) -> int:
        """The id of `<s>`, which stands for an empty context."""
        return self._tokenizer.bos_id

    def tok_encode(self, string: str, add_special_tokens: bool | None = None, **_: Any) -> list[int]:
        """The ids of a text, with `<s>` in front unless it begins so itself or none is wanted."""
        ids: list[int] = []
        place = 0
        for match in self._name.finditer(string):
            ids += [*self._tokenizer.encode(string[place : match.start()]), self._names[match[0]]]
            place = match.end()
        ids += self._tokenizer.encode(string[place:])
        if add_special_tokens is None:
            add_special_tokens = not string.startswith(self._tokenizer.piece(self._tokenizer.bos_id))
        return [self._tokenizer.bos_id] * add_special_tokens + ids

    def loglikelihood(self, requests: list[Any], disable_tqdm: bool = True) -> list[tuple[float, bool]]:
        """For each pair of a context and a continuation: its log-probability in nats, and whether it is likeliest.

        Raises:
            FidanError: a continuation is empty, or longer than the model's context.
        """
        for request in requests:
            if not request.args[1]:
                raise FidanError(
                    f"a task asks for an empty continuation of {request.args[0][-60:]!r}: mend its data."
                )
        found: list[tuple[float, bool]] = super().loglikelihood(requests, disable_tqdm=True)
        return found

    def loglikelihood_rolling(self, requests: list[Any], disable_tqdm: bool = True) -> list[float]:
        """The log-probability of each text in nats, every token once, in windows of the whole context."""
        windows: list[tuple[None, list[int], list[int]]] = []
        counts = []
        for request in requests:
            parts = get_rolling_token_windows(
                self.tok_encode(request.args[0]), self.prefix_token_id, max_seq_len=self.max_length, context_len=1
            )
            before = len(windows)
            windows += [(None, *make_disjoint_window(part)) for part in parts]
            counts.append(len(windows) - before)
        values = iter(self._loglikelihood_tokens(windows))
        return [sum(next(values)[0] for _ in range(count)) for count in counts]

    def _loglikelihood_tokens(
        self, requests: Sequence[tuple[Any, list[int], list[int]]], **_: Any
    ) -> list[tuple[float, bool]]:
        asked = []
        for _text, context, continuation in requests:
            if len(continuation) > self.max_length:
                raise FidanError(
                    f"a task asks for a continuation of {len(continuation):,} tokens: more than the model's context "
                    f"of {self.max_length:,}. Leave the task out."
                )
            ids = (context + continuation)[-(self.max_length + 1) :]
            asked.append(Request(ids, len(ids) - len(continuation)))
        scored = score(self._model, asked, autocast=self._autocast, reporter=self._reporter, what="harness: scoring")
        return [(float(one.log_probabilities.sum()), one.greedy) for one in scored]

    def generate_until(self, requests: list[Any], disable_tqdm: bool = True) -> list[str]:
        """A continuation of each context, up to the first of its stop strings.

        Raises:
            FidanError: a task asks for more tokens than the context has, or for a rule that is not known here.
        """
        groups: dict[bytes, list[int]] = defaultdict(list)
        for number, request in enumerate(requests):
            groups[orjson.dumps(request.args[1], option=orjson.OPT_SORT_KEYS)].append(number)
        texts = [""] * len(requests)
        engine = TorchEngine(self._model)
        with self._reporter.task("harness: writing", total=len(requests)) as task:
            for numbers in groups.values():
                config = self._rules(requests[numbers[0]].args[1])
                room = self.max_length - config.max_new_tokens
                prompts = {number: self.tok_encode(requests[number].args[0])[-room:] for number in numbers}
                numbers.sort(key=lambda number: len(prompts[number]), reverse=True)
                for first in range(0, len(numbers), WRITING_ROWS):
                    rows = numbers[first : first + WRITING_ROWS]
                    seeds = [self._seed + number for number in rows]
                    with self._autocast:
                        written = write(engine, self._tokenizer, [prompts[number] for number in rows], config, seeds)
                    for number, one in zip(rows, written, strict=True):
                        # Decoded alone, as there: the space before its first word goes.
                        texts[number] = _before(self._tokenizer.decode(one.ids), config.stop)
                    task.advance(len(rows))
        return texts

    def _rules(self, asked: dict[str, Any]) -> GenerateConfig:
        rules = dict(normalize_gen_kwargs(asked, MAX_NEW_TOKENS))
        stops = handle_stop_sequences(rules.pop("until", None), eos=self._tokenizer.piece(self._tokenizer.eos_id))
        new = rules.pop("max_gen_toks")
        if new >= self.max_length:
            raise FidanError(
                f"a task asks for {new:,} new tokens: the model's context is {self.max_length:,}, and a prompt needs "
                "room, too. Leave the task out."
            )
        drawn, temperature = rules.pop("do_sample"), float(rules.pop("temperature", 0.0))
        given = {name: value for name, value in rules.items() if value is not None}
        if unknown := given.keys() - _RULES.keys():
            raise FidanError(f"a task's generation_kwargs: {', '.join(sorted(unknown))}: not known here.")
        off = {"top_p": 1.0, "repetition_penalty": 1.0}
        chosen = {**off, **{_RULES[name]: value for name, value in given.items()}}
        try:
            return GenerateConfig(
                max_new_tokens=new,
                temperature=temperature if drawn else 0.0,
                stop=tuple(stop for stop in stops if stop),
                **chosen,
            )
        except ValueError as error:
            raise FidanError(f"a task's generation_kwargs: {error}") from error


def _before(text: str, stops: Sequence[str]) -> str:
    """The text before the first stop string in it."""
    return text[: min((place for stop in stops if (place := text.find(stop)) >= 0), default=len(text))]
