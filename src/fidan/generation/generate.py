"""The generation loop: read the prompt once, then a token at a time through the cache, until an end.

It ends at `</s>`, after `max_new_tokens`, or where the context is full: the window does not slide, since a model
never saw positions without their beginning. What it leaves out: batches of unequal prompts, beam search.
"""

from collections.abc import Iterator

import torch

from fidan.errors import FidanError
from fidan.generation.cache import KeyValueCache
from fidan.generation.sampling import next_tokens
from fidan.model.decoder import Decoder
from fidan.recipe import GenerateConfig
from fidan.tokenizer.tokenizer import StreamDecoder, Tokenizer


def generate_ids(
    model: Decoder, prompt: list[int], config: GenerateConfig, eos: int, seed: int | None = None
) -> Iterator[int]:
    """The ids that follow `prompt`, one by one, without the closing `eos`.

    Args:
        model: put into evaluation mode.
        prompt: ids, at least one.
        config: how to pick and how long.
        eos: the id that ends a text.
        seed: of the draws; None leaves them to chance.

    Raises:
        FidanError: an empty prompt, or one that fills the context.
        LogitsError: the model gave a logit that is not finite.
    """
    if not prompt or len(prompt) >= model.config.context:
        raise FidanError(
            f"a prompt of {len(prompt):,} tokens: it must have at least one and fewer than the context's "
            f"{model.config.context:,}."
        )
    model.eval()
    weight = model.lm_head.weight
    generator = torch.Generator(device=weight.device)
    if seed is None:
        generator.seed()
    else:
        generator.manual_seed(seed)
    capacity = min(model.config.context, len(prompt) + config.max_new_tokens)
    cache = KeyValueCache(model.config, 1, capacity, weight.dtype, weight.device)
    seen = torch.tensor([prompt], device=weight.device)
    new = seen
    for _ in range(config.max_new_tokens):
        with torch.inference_mode():
            hidden = model.model(new, cache.length, cache)[:, -1]
            new = next_tokens(model.lm_head(hidden).float(), seen, config, generator).unsqueeze(1)
        token = int(new)
        if token == eos:
            return
        yield token
        seen = torch.cat((seen, new), dim=1)
        if cache.length == model.config.context:
            return


def stream(
    model: Decoder, tokenizer: Tokenizer, prompt: str, config: GenerateConfig, seed: int | None = None
) -> Iterator[str]:
    """The continuation of `prompt` as pieces of text, whole characters only; the arguments are `generate_ids`'s."""
    ids = tokenizer.encode(prompt, bos=True)
    decoder = StreamDecoder(tokenizer, ids)
    for token in generate_ids(model, ids, config, tokenizer.eos_id, seed):
        if text := decoder.push(token):
            yield text
    if text := decoder.finish():
        yield text


def sample(model: Decoder, tokenizer: Tokenizer, config: GenerateConfig, seed: int) -> list[dict[str, str]]:
    """The recipe's samples: every prompt `config.samples` times, each with a seed of its own."""
    results = []
    for number in range(config.samples):
        for place, prompt in enumerate(config.prompts):
            text = "".join(stream(model, tokenizer, prompt, config, seed + number * len(config.prompts) + place))
            results.append({"prompt": prompt, "continuation": text})
    return results
