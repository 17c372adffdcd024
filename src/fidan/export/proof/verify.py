"""The proof of an export: other programs read it and give the same ids, the same text and the same logits.

`verify_folder` runs at the end of every export, fast, and stops at the first difference: a folder that fails is not
called an export. `verify_export` is the whole: every runtime there is, hostile and random texts, GGUF files; it goes
on after a difference. Logits are compared in fp32 on the CPU, where two correct programs differ by rounding alone.
What it leaves out: opening the trained model (`fidan.trained`).
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import torch

from fidan.errors import FidanError
from fidan.export.proof.compare import (
    Probe,
    compare_greedy,
    compare_ids,
    compare_logits,
    compare_symbols,
    compare_texts,
    probes,
)
from fidan.export.proof.files import check_config, check_weights
from fidan.export.proof.gguf_file import GgufFile
from fidan.export.proof.gguf_logits import prove
from fidan.export.proof.hostile import TEXTS, named_texts, random_texts
from fidan.export.proof.rows import Report, Row, failed, shown, within
from fidan.export.proof.runtimes import (
    GgufRuntime,
    SentencePieceRuntime,
    TokenizersRuntime,
    TokenRuntime,
    TransformersModel,
    TransformersTokenizer,
)
from fidan.llama_cpp.model import INSTALL, NotInstalled
from fidan.llama_cpp.opening import open_gguf
from fidan.model.decoder import Decoder
from fidan.progress import Reporter
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.weights import weights_of

PROBES = (
    "Türkiye'nin başkenti neresidir?",
    "IĞDIR'da ılık bir İLKBAHAR günü; çocuklar şöyle dedi: “Kâğıt nerede?”",
    "  iki boşluk,\tsekme,\nyeni satır ve 1923, 3,14 🌱👩‍🌾 ",
)
FUZZ = 2000
TIE = 1e-4  # between two logits that Transformers and we may order differently


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
    tokens = TransformersTokenizer(folder)
    theirs = TransformersModel(folder)
    ours = model.to("cpu", torch.float32).eval()
    if theirs.loose:
        raise ExportError(f"{folder}: Transformers did not take every weight as it is: {theirs.loose}.")
    every = [*texts, *_pieces(tokenizer)]
    rows = [tokenizer.encode(text, bos=True)[: model.config.context] for text in texts]
    read = [Probe(ids, list(range(len(ids)))) for ids in rows]
    ids = _required(folder, compare_ids(tokens, tokenizer, every, _ids(tokenizer, every)))
    logits = _required(folder, compare_logits(theirs, ours, read))
    greedy = _required(folder, compare_greedy(theirs, ours, rows[0], TIE))
    return Verification(ids.compared, sum(map(len, rows)), logits.worst, greedy.compared)


def _required(folder: Path, row: Row) -> Row:
    if row.verdict == "different":
        raise ExportError(
            f"{folder}: {row.check} differ in {row.runtime} by {row.worst:.2g}, more than {row.limit:.1g}. {row.note}"
        )
    return row


def verify_export(
    folder: Path,
    model: Decoder,
    tokenizer: Tokenizer,
    reporter: Reporter,
    *,
    trained: bool,
    ggufs: Sequence[Path] = (),
    lines: Sequence[str] = (),
    fuzz: int = FUZZ,
    threads: int = 1,
) -> Report:
    """Hold an exported folder, and GGUF files of it, against the trained model in every way there is.

    Args:
        folder: what was exported. That its files are whole is `fidan.export.proof.files.check_files`'s to say.
        model: the trained model in fp32, with the weights that were exported (already rounded to the export's dtype).
        tokenizer: its tokenizer.
        reporter: told what is being done.
        trained: whether the model is another than the folder's own; then the folder's weights are compared, too.
        ggufs: GGUF files of the same model.
        lines: texts to encode, besides the hostile ones.
        fuzz: how many random texts to encode.
        threads: of llama.cpp.

    Returns:
        A row for every check of every runtime.
    """
    texts = [*TEXTS, *named_texts(tokenizer), *_pieces(tokenizer), *random_texts(tokenizer, fuzz), *lines]
    ids = _ids(tokenizer, texts)
    every = probes(tokenizer, model.config.context, PROBES)
    rows = [check_config(folder, model, tokenizer)]
    if trained:
        rows.append(check_weights(folder, model))
    runtimes: tuple[tuple[str, Callable[[Path], TokenRuntime]], ...] = (
        ("SentencePiece", SentencePieceRuntime),
        ("tokenizers", TokenizersRuntime),
        ("Transformers", TransformersTokenizer),
    )
    for name, opened in runtimes:
        reporter.say(f"  {len(texts):,} texts in {name}")
        try:
            rows += _token_rows(opened(folder), tokenizer, texts, ids)
        except FidanError as error:
            rows.append(failed("ids", name, error))
    reporter.say("  logits in Transformers")
    rows += _transformers_rows(folder, model, every)
    for path in ggufs:
        reporter.say(f"  {path.name}: settings, weights, {len(texts):,} texts, log-probabilities")
        rows += _gguf_rows(path, model, tokenizer, texts, ids, every, threads)
    return Report(rows)


def _token_rows(
    runtime: TokenRuntime, tokenizer: Tokenizer, texts: Sequence[str], ids: Sequence[list[int]]
) -> list[Row]:
    rows = [compare_ids(runtime, tokenizer, texts, ids), compare_texts(runtime, texts, ids)]
    return [*rows, compare_symbols(runtime, tokenizer, texts)] if runtime.reads_symbols else rows


def _transformers_rows(folder: Path, model: Decoder, every: Sequence[Probe]) -> list[Row]:
    try:
        theirs = TransformersModel(folder)
    except FidanError as error:
        return [failed("logits", "Transformers", error)]
    loose = f"not taken as they are: {shown(theirs.loose)}" if theirs.loose else ""
    return [
        within("weights", theirs.name, len(weights_of(model)), "tensors", len(theirs.loose), 0, loose),
        compare_logits(theirs, model, every),
        compare_greedy(theirs, model, every[0].ids, TIE),
    ]


def _gguf_rows(
    path: Path,
    model: Decoder,
    tokenizer: Tokenizer,
    texts: Sequence[str],
    ids: Sequence[list[int]],
    every: Sequence[Probe],
    threads: int,
) -> list[Row]:
    try:
        file = GgufFile(path, model)
    except FidanError as error:
        return [failed("file", path.name, error)]
    rows = [file.check_settings(model.config, tokenizer), file.check_weights(model)]
    try:
        with closing(open_gguf(path, context=model.config.context, threads=threads)) as opened:
            runtime = GgufRuntime(opened, path)
            rows.append(Row("loads", path.name, "equal", 1, "file", note=opened.name))
            rows += _token_rows(runtime, tokenizer, texts, ids)
            rows += prove(runtime, file, model, every)
    except NotInstalled:
        rows.append(Row("ids, text, logits", path.name, "not installed", note=INSTALL))
    except FidanError as error:
        rows.append(failed("llama.cpp", path.name, error))
    return rows


def _ids(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    return [[tokenizer.bos_id, *row.tolist()] for row in tokenizer.encode_batch(texts)]


def _pieces(tokenizer: Tokenizer) -> list[str]:
    """A text for every piece. After a line break no space is put in front, so the piece itself is met."""
    return [
        "\n" + tokenizer.decode([i])
        for i in range(tokenizer.vocab_size)
        if i not in tokenizer.special_ids and not tokenizer.is_byte(i)
    ]
