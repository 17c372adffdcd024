"""What the model writes while it learns: a short text for each prompt, always from the same draws.

The draws have a generator of their own, so a training goes on bit for bit as if nothing had been written.
"""

from dataclasses import replace

from fidan.errors import FidanError
from fidan.generation.engines import plain_engine
from fidan.generation.generate import sample
from fidan.model.build import Model
from fidan.recipe import GenerateConfig
from fidan.tokenizer.tokenizer import Tokenizer

MAX_TOKENS = 64  # of a text


def write_samples(model: Model, tokenizer: Tokenizer, config: GenerateConfig, seed: int) -> list[dict[str, str]]:
    """One text a prompt, as values of records of the kind "sample".

    Args:
        model: left in the mode, training or evaluation, in which it came.
        tokenizer: the model's.
        config: prompts and sampling; a text has at most `MAX_TOKENS` tokens.
        seed: of the draws; the same at each step, so that the texts differ by what was learnt.

    Raises:
        FidanError: a prompt does not fit the context; `check_prompts` says so beforehand.
        LogitsError: the model gave a logit that is not finite.
    """
    training = model.training
    try:
        written = sample(plain_engine(model, tokenizer.bos_id), tokenizer, short(config), seed)
    finally:
        model.train(training)
    return [{"prompt": one["prompt"], "text": one["continuation"]} for one in written]


def short(config: GenerateConfig) -> GenerateConfig:
    """The settings of samples: one text a prompt, of at most `MAX_TOKENS` tokens."""
    return replace(config, samples=1, max_new_tokens=min(config.max_new_tokens, MAX_TOKENS))


def check_prompts(tokenizer: Tokenizer, config: GenerateConfig, context: int) -> None:
    """Refuse prompts that no text can follow, before a training has begun.

    Raises:
        FidanError: a prompt fills the context.
    """
    for prompt in config.prompts:
        length = len(tokenizer.encode(prompt, bos=True))
        if length >= context:
            raise FidanError(
                f"generate.prompts: {prompt[:40]!r} has {length:,} tokens, and the model's context is {context:,}. "
                "Make it shorter, or set model.context higher."
            )
