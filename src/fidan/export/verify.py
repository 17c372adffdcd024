"""The proof of an export: Transformers loads the folder and gives the same ids and the same logits.

It runs at the end of every export; a folder that fails is not called an export. The logits are compared in fp32 on
the CPU, where two correct implementations differ by rounding alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

from fidan.errors import FidanError
from fidan.model.decoder import Decoder
from fidan.tokenizer.tokenizer import Tokenizer

# In fp32, absolute, for logits of order 1 to 10; larger logits carry proportionally larger rounding.
LOGIT_TOLERANCE = 1e-5
PROBES = (
    "Türkiye'nin başkenti neresidir?",
    "IĞDIR'da ılık bir İLKBAHAR günü; çocuklar şöyle dedi: “Kâğıt nerede?”",
    "  iki boşluk,\tsekme,\nyeni satır ve 1923, 3,14 🌱👩‍🌾 ",
)


class ExportError(FidanError):
    """The exported folder does not give what the trained model gives."""


@dataclass(frozen=True)
class Verification:
    """What was compared and how far it was apart."""

    texts: int
    tokens: int
    max_logit_difference: float
    same_greedy_tokens: int


def verify_folder(
    folder: Path, model: Decoder, tokenizer: Tokenizer, texts: tuple[str, ...] = PROBES
) -> Verification:
    """Load `folder` with Transformers and compare ids, logits and a greedy continuation.

    Args:
        folder: what was exported.
        model: the trained model, with the weights that were exported (already rounded to the export's dtype).
        tokenizer: its tokenizer.
        texts: what to compare on.

    Raises:
        ExportError: the first difference found, by name.
    """
    logging.set_verbosity_error()  # its progress bars and advice would stand in the middle of ours
    logging.disable_progress_bar()
    theirs_tokenizer = AutoTokenizer.from_pretrained(str(folder))
    theirs, report = AutoModelForCausalLM.from_pretrained(str(folder), dtype=torch.float32, output_loading_info=True)
    loose = {key: value for key, value in report.items() if value}
    if loose:
        raise ExportError(f"{folder}: Transformers did not take every weight as it is: {loose}.")
    compared = _same_ids(theirs_tokenizer, tokenizer, texts, folder)
    ours = model.to("cpu", torch.float32).eval()
    theirs.eval()
    worst, tokens = 0.0, 0
    for text in texts:
        ids = tokenizer.encode(text, bos=True)[: model.config.context]
        batch = torch.tensor([ids])
        with torch.inference_mode():
            expected, found = ours(batch), theirs(batch).logits
        difference = float((expected - found).abs().max())
        limit = LOGIT_TOLERANCE * max(1.0, float(expected.abs().max()))
        if not difference <= limit:  # so that NaN fails too
            raise ExportError(f"{folder}: {text!r}: logits differ by {difference:.2e}, more than {limit:.1e}.")
        worst, tokens = max(worst, difference), tokens + len(ids)
    return Verification(compared, tokens, worst, _same_greedy(ours, theirs, tokenizer, texts[0], folder))


def _same_ids(theirs: Callable[..., Any], ours: Tokenizer, texts: tuple[str, ...], folder: Path) -> int:
    """Compare ids on `texts` and on every piece of the vocabulary; returns how many texts that were."""
    # After a line break no space is put in front, so the piece itself is met and not its word-initial twin.
    pieces = [
        "\n" + ours.decode([i]) for i in range(ours.vocab_size) if i not in ours.special_ids and not ours.is_byte(i)
    ]
    every = [*texts, *pieces]
    for text, loaded in zip(every, theirs(every)["input_ids"], strict=True):
        if loaded != (ids := ours.encode(text, bos=True)):
            raise ExportError(f"{folder}: {text!r} gives ids {loaded} in Transformers, {ids} here.")
    return len(every)


def _same_greedy(ours: Decoder, theirs: torch.nn.Module, tokenizer: Tokenizer, text: str, folder: Path) -> int:
    """How many greedy tokens agree; a first difference is a fault unless the two best logits tie."""
    ids = tokenizer.encode(text, bos=True)[: ours.config.context // 2]
    count = min(16, ours.config.context - len(ids))
    batch = torch.tensor([ids])
    theirs.generation_config.eos_token_id = None  # type: ignore[union-attr]  # an end would cut the comparison short
    found = theirs.generate(  # type: ignore[operator]
        batch,
        attention_mask=torch.ones_like(batch),
        max_new_tokens=count,
        do_sample=False,
        repetition_penalty=1.0,
        pad_token_id=tokenizer.pad_id,
    )[0].tolist()
    with torch.inference_mode():
        logits = ours(torch.tensor([found]))[0]
    for place in range(len(ids), len(found)):
        row = logits[place - 1]
        if float(row.max() - row[found[place]]) > 1e-4:
            raise ExportError(
                f"{folder}: token {place} of greedy text is {found[place]} in Transformers, {int(row.argmax())} here."
            )
    return len(found) - len(ids)
