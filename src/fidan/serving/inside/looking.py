"""What the page and its endpoints look at, with the latest results kept: a model is asked once for each text.

The distribution of the next token comes from the decoding loop, like any other text, so that it waits its turn and
works with every engine. What it leaves out: figures (`tokens`, `next_token`, `attention`) and pictures.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import Tensor

from fidan.errors import FidanError
from fidan.generation.encoder_decoder_engine import EncoderDecoderEngine
from fidan.generation.generate import prompt_ids
from fidan.recipe import GenerateConfig
from fidan.serving.batcher import Request, TokenInfo
from fidan.serving.inside.attention import Attention, attention_of
from fidan.serving.service import Service

KEPT = 32  # distributions, of V numbers each
KEPT_MAPS = 8  # attention weights, of a few hundred kilobytes each
ANSWER_TOKENS = 24  # of an encoder-decoder's answer whose attention is shown
PLAIN = GenerateConfig(temperature=0.0, repetition_penalty=1.0, top_p=1.0, max_new_tokens=1)


class Looking:
    """Looks into a service's model."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._logprobs: OrderedDict[tuple[int, ...], Tensor] = OrderedDict()
        self._maps: OrderedDict[tuple[tuple[int, ...], tuple[int, ...]], Attention] = OrderedDict()
        self._one_at_a_time = asyncio.Semaphore(1)

    def prompt(self, text: str) -> list[int]:
        """The ids that the model reads of a text."""
        return prompt_ids(self._service.writer.engine, self._service.writer.tokenizer, text)

    async def logprobs(self, ids: Sequence[int]) -> Tensor:
        """(V,) natural logs of the probabilities of what comes after a prompt.

        Raises:
            QueueFull: as many requests wait as may.
            FidanError: no prompt, one that is too long, or a model that gives no numbers.
        """
        key = tuple(ids)
        if key not in self._logprobs:
            size = self._service.writer.tokenizer.vocab_size
            found = torch.full((size,), -torch.inf)
            info = (await self._written(Request(key, PLAIN, (), None, size)))[0]
            places, logs = zip(*info.top, strict=True)
            found[torch.tensor(places)] = torch.tensor(logs)
            self._logprobs[key] = found
            if len(self._logprobs) > KEPT:
                self._logprobs.popitem(last=False)
        self._logprobs.move_to_end(key)
        return self._logprobs[key]

    async def answer(self, ids: Sequence[int]) -> list[int]:
        """The ids that an encoder-decoder writes to a source, the likeliest each; none of a model that goes on.

        Raises:
            FidanError: as of `logprobs`.
        """
        if not isinstance(self._service.writer.engine, EncoderDecoderEngine):
            return []
        config = GenerateConfig(temperature=0.0, max_new_tokens=ANSWER_TOKENS)
        request = Request(tuple(ids), config, (self._service.writer.tokenizer.eos_id,), None, 0)
        return [info.id for info in await self._written(request)]

    async def attention(self, ids: Sequence[int]) -> Attention:
        """The attention weights of a text, and of what an encoder-decoder answers to it.

        Raises:
            FidanError: as of `attention_of` and `answer`.
        """
        answer = await self.answer(ids)
        key = (tuple(ids), tuple(answer))
        if key not in self._maps:
            writer = self._service.writer
            async with self._one_at_a_time:
                self._maps[key] = await asyncio.to_thread(attention_of, writer.engine, writer.tokenizer, ids, answer)
            if len(self._maps) > KEPT_MAPS:
                self._maps.popitem(last=False)
        self._maps.move_to_end(key)
        return self._maps[key]

    async def _written(self, request: Request) -> list[TokenInfo]:
        answering, written = self._service.begin([request]), list[TokenInfo]()
        try:
            async for found in answering.pieces():
                for _, piece in found:
                    if piece.error:
                        raise FidanError(piece.error)
                    written += piece.tokens
        finally:
            answering.cancel()
        return written
