"""The same tokenizer for Transformers: `tokenizer.json` and `tokenizer_config.json`, proved equal.

Written by hand rather than by `LlamaTokenizer`, whose Metaspace drops the space before a text that begins with one,
and which rebuilds its rules from the class name on loading. `PreTrainedTokenizerFast` keeps what the file says, in
transformers 4.57 and 5. A list of merges is not stored in a SentencePiece model; it is every way to split a piece
into two pieces, in the order of the pieces' scores, which gives the same ids.

What it leaves out: the model's folder around it and `tokenizer.model` beside it, without which llama.cpp's converter
takes another path and gets other ids (`fidan.export`).
"""

from collections.abc import Iterable
from itertools import zip_longest
from pathlib import Path
from typing import Any

from fidan.artifact import write_json
from fidan.errors import FidanError
from fidan.tokenizer.tokenizer import SPACE, Tokenizer

TOKENIZER_JSON, TOKENIZER_CONFIG = "tokenizer.json", "tokenizer_config.json"
CHAT_SYSTEM = "chat_system"  # a key of the latter, of ours


def write_hugging_face_tokenizer(
    tokenizer: Tokenizer,
    folder: Path,
    model_max_length: int | None = None,
    chat_template: str | None = None,
    sources: bool = False,
    chat_system: str = "",
) -> None:
    """Write `tokenizer.json` and `tokenizer_config.json` into `folder`.

    Args:
        tokenizer: whose ids they shall give.
        folder: where to; made if missing.
        model_max_length: the model's context in tokens, where there is a model.
        chat_template: Jinja, for a model that chats (`fidan.tokenizer.chat`).
        sources: texts are read by an encoder: they end with `</s>`, as `fidan.tokenizer.pairs` has them, and do not
            begin with `<s>`. A pair is a question and its context; the target of a training ends the same way.
        chat_system: the system message that its training put before conversations that had none; empty: it put none.
            Only `fidan` reads it, for a Modelfile.
    """
    write_json(folder / TOKENIZER_JSON, tokenizer_json(tokenizer, sources))
    write_json(
        folder / TOKENIZER_CONFIG, tokenizer_config(tokenizer, model_max_length, chat_template, sources, chat_system)
    )


def tokenizer_json(tokenizer: Tokenizer, sources: bool = False) -> dict[str, Any]:
    """The content of `tokenizer.json`, as the `tokenizers` library reads it."""
    special = sorted(tokenizer.special_ids)
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": i,
                "content": tokenizer.piece(i),
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": True,
            }
            for i in special
        ],
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "Prepend", "prepend": SPACE},
                {"type": "Replace", "pattern": {"String": " "}, "content": SPACE},
            ],
        },
        "pre_tokenizer": None,
        "post_processor": _template(tokenizer, sources),
        "decoder": {
            "type": "Sequence",
            "decoders": [
                {"type": "Replace", "pattern": {"String": SPACE}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
                {"type": "Strip", "content": " ", "start": 1, "stop": 0},
            ],
        },
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": tokenizer.piece(tokenizer.unk_id),
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": True,
            "byte_fallback": True,
            "ignore_merges": False,
            "vocab": {tokenizer.piece(i): i for i in range(tokenizer.vocab_size)},
            "merges": merges(tokenizer),
        },
    }


def _template(tokenizer: Tokenizer, sources: bool) -> dict[str, Any]:
    """What stands around a text, or around two."""
    mark = tokenizer.eos_id if sources else tokenizer.bos_id
    name = tokenizer.piece(mark)
    first, second = {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}
    around = {"SpecialToken": {"id": name, "type_id": 0}}
    return {
        "type": "TemplateProcessing",
        "single": [first, around] if sources else [around, first],
        # One <s> for a pair as well: Llama's two make llama.cpp's converter warn of an unknown separator.
        "pair": [first, around, second, around] if sources else [around, first, second],
        "special_tokens": {name: {"id": name, "ids": [mark], "tokens": [name]}},
    }


def tokenizer_config(
    tokenizer: Tokenizer,
    model_max_length: int | None = None,
    chat_template: str | None = None,
    sources: bool = False,
    chat_system: str = "",
) -> dict[str, Any]:
    """The content of `tokenizer_config.json`; the arguments are those of `write_hugging_face_tokenizer`."""
    config: dict[str, Any] = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "add_bos_token": not sources,
        "add_eos_token": sources,
        "add_prefix_space": True,
        "bos_token": tokenizer.piece(tokenizer.bos_id),
        "eos_token": tokenizer.piece(tokenizer.eos_id),
        "unk_token": tokenizer.piece(tokenizer.unk_id),
        "clean_up_tokenization_spaces": False,
        "padding_side": "right" if sources else "left",  # a decoder's batch writes on at the right
    }
    if tokenizer.pad_id >= 0:
        config["pad_token"] = tokenizer.piece(tokenizer.pad_id)
    if model_max_length is not None:
        config["model_max_length"] = model_max_length
        config["model_input_names"] = [
            "input_ids",
            "attention_mask",
        ]  # Transformers 4 adds types, which Llama refuses
    if chat_template is not None:
        config["chat_template"] = chat_template
    if chat_system:
        config[CHAT_SYSTEM] = chat_system
    return config


def merges(tokenizer: Tokenizer) -> list[tuple[str, str]]:
    """Every pair of learnt pieces that makes a learnt piece: the best score first, then by the pair's ids.

    Byte and special pieces take no part: a text that spells "<0x0A>" is six characters, not a line break.
    """
    learnt = {
        tokenizer.piece(i): i
        for i in range(tokenizer.vocab_size)
        if i not in tokenizer.special_ids and not tokenizer.is_byte(i)
    }
    found = [
        (-tokenizer.score(i), learnt[piece[:cut]], learnt[piece[cut:]], piece[:cut], piece[cut:])
        for piece, i in learnt.items()
        for cut in range(1, len(piece))
        if piece[:cut] in learnt and piece[cut:] in learnt
    ]
    return [(left, right) for *_, left, right in sorted(found)]


def verify_tokenizer_json(folder: Path, texts: Iterable[str]) -> None:
    """Hold what Transformers reads from `folder` against `tokenizer.model` there, on every text, both ways.

    Names of control symbols inside the texts are taken as plain text on both sides.

    Raises:
        FidanError: it cannot be loaded, or gives other ids or another text back; the first such text is shown.
    """
    from transformers import AutoTokenizer  # seconds to import, and only this needs it

    ours = Tokenizer.load(folder)
    try:
        theirs = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    except Exception as error:  # the tokenizers library raises nothing more precise for a broken file
        raise FidanError(f"{folder}: Transformers cannot load this tokenizer: {error}") from error
    for text in texts:
        expected = ours.encode(text)
        ids = theirs.encode(text, add_special_tokens=False, split_special_tokens=True)
        if ids != expected:
            at = next(i for i, (a, b) in enumerate(zip_longest(ids, expected)) if a != b)
            raise FidanError(
                f"{folder / TOKENIZER_JSON}: other ids than {folder.name}/tokenizer.model, from token {at} on, "
                f"for the text {_shown(text)}. Write it again from the model."
            )
        if (decoded := theirs.decode(ids)) != ours.decode(ids):
            raise FidanError(f"{folder / TOKENIZER_JSON}: decodes {_shown(text)} to {_shown(decoded)}.")


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:80]}…")
