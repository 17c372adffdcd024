"""An encoder-decoder in another program, held against ours: greedy texts of padded sources, and logits.

The other program gets all sources in one batch, of unlike lengths, so that it has to hide padding; ours reads each
alone. What it leaves out: ids of texts (`compare`), and the programs (`seq2seq`).
"""

import random
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from fidan.export.proof.compare import LONGEST, greedy_row, logit_row
from fidan.export.proof.rows import Row
from fidan.export.proof.seq2seq import AnswerRuntime, TransformersAnswers
from fidan.model.encoder_decoder import EncoderDecoder
from fidan.tokenizer.pairs import encode_source
from fidan.tokenizer.tokenizer import Tokenizer

_GREEDY = 24  # tokens of a text
# A text's logits go through two stacks. With random weights that sharpen every sum, Transformers and we are 4e-5
# apart, and as far from the same in fp64; a trained model of 47,000 parameters is at 2e-6.
_TOLERANCE = 1e-4


def source_probes(tokenizer: Tokenizer, context: int, texts: Sequence[str]) -> list[list[int]]:
    """Sources that logits are compared on: some texts, and random ids up to the context."""
    return [*(encode_source(tokenizer, text, max_source=context).ids for text in texts), _strung(tokenizer, context)]


def compare_answers(
    runtime: AnswerRuntime, model: EncoderDecoder, tokenizer: Tokenizer, sources: Sequence[list[int]], tie: float
) -> list[Row]:
    """Logits along the runtime's own greedy texts, and those texts.

    Args:
        runtime: to compare.
        model: ours, in fp32 on the CPU.
        tokenizer: its own.
        sources: ids of each, at least one.
        tie: how far below the best logit of ours a token of the runtime may lie.
    """
    texts = runtime.greedy(sources, min(_GREEDY, model.config.context))
    ours = [_logits(model, tokenizer, *row) for row in zip(sources, texts, strict=True)]
    logits = _logit_row(runtime, ours, sources, texts)
    return [logits, greedy_row(runtime.name, torch.cat(ours), [token for text in texts for token in text], tie)]


def compare_long(runtime: TransformersAnswers, model: EncoderDecoder, tokenizer: Tokenizer, source: list[int]) -> Row:
    """Logits along a text of random ids as long as the context, where a wrong rotation shows most."""
    text = _strung(tokenizer, model.config.context)
    ours = _logits(model, tokenizer, source, text)
    return replace(_logit_row(runtime, [ours], [source], [text]), check="logits of a long text")


def _logit_row(
    runtime: AnswerRuntime, ours: Sequence[Tensor], sources: Sequence[list[int]], texts: Sequence[Sequence[int]]
) -> Row:
    pairs = zip(ours, runtime.logits(sources, texts), strict=True)
    return logit_row(runtime.name, pairs, tolerance=_TOLERANCE)


def _logits(model: EncoderDecoder, tokenizer: Tokenizer, source: list[int], text: Sequence[int]) -> Tensor:
    """(T, V) of what follows `<s>`, and each token of the text but the last one."""
    with torch.inference_mode():
        found: Tensor = model(torch.tensor([source]), torch.tensor([[tokenizer.bos_id, *text[:-1]]]))[0]
    return found.float()


def _strung(tokenizer: Tokenizer, context: int) -> list[int]:
    ordinary = [i for i in range(tokenizer.vocab_size) if i not in tokenizer.special_ids]
    return [*random.Random(3).choices(ordinary, k=min(context, LONGEST) - 1), tokenizer.eos_id]
