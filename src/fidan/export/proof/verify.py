"""The proof of an export: other programs read it and give the same ids, the same text and the same logits.

`verify_folder` runs at the end of every export, fast, and stops at the first difference: a folder that fails is not
called an export. `verify_export` is the whole: every runtime there is, hostile and random texts, GGUF files; it goes
on after a difference. Logits are compared in fp32 on the CPU, where two correct programs differ by rounding alone.
What it leaves out: opening the trained model (`fidan.trained`).
"""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch

from fidan.errors import FidanError
from fidan.export import ctranslate2
from fidan.export.proof.answers import compare_answers, compare_long, source_probes
from fidan.export.proof.chat import check_template, compare_chats, compare_gguf_chats
from fidan.export.proof.compare import (
    Frame,
    Probe,
    compare_greedy,
    compare_ids,
    compare_logits,
    compare_symbols,
    compare_texts,
    frame_of,
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
    TransformersFolder,
    TransformersModel,
    TransformersTokenizer,
)
from fidan.export.proof.seq2seq import CTranslate2Answers, TransformersAnswers
from fidan.llama_cpp.model import INSTALL, NotInstalled
from fidan.llama_cpp.opening import open_gguf
from fidan.model.build import Model
from fidan.model.decoder import Decoder
from fidan.model.encoder_decoder import EncoderDecoder
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
    folder: Path, model: Model, tokenizer: Tokenizer, texts: tuple[str, ...] = PROBES, chats: bool = False
) -> Verification:
    """Load `folder` with Transformers and compare ids, logits and greedy text: a continuation, or answers.

    Args:
        folder: what was exported.
        model: the trained model, with the weights that were exported (`as_exported`).
        tokenizer: its tokenizer.
        texts: what to compare on.
        chats: whether it was taught to chat; then the ids of conversations are compared, too.

    Raises:
        ExportError: the first difference found, by name.
    """
    ours = model.to("cpu", torch.float32).eval()
    encoder = isinstance(ours, EncoderDecoder)
    tokens = TransformersTokenizer(folder)
    every = [*texts, *_pieces(tokenizer)]
    frame = frame_of(tokenizer, encoder)
    if isinstance(ours, EncoderDecoder):
        answering = TransformersAnswers(folder, tokenizer)
        _all_taken(folder, answering)
        rows = source_probes(tokenizer, ours.config.context, texts)
        logits, greedy = compare_answers(answering, ours, tokenizer, rows, TIE)
    else:
        theirs = TransformersModel(folder)
        _all_taken(folder, theirs)
        rows = [tokenizer.encode(text, bos=True)[: ours.config.context] for text in texts]
        logits = compare_logits(theirs, ours, [Probe(ids, list(range(len(ids)))) for ids in rows])
        greedy = compare_greedy(theirs, ours, rows[0], TIE)
    ids = compare_ids(tokens, tokenizer, every, _ids(tokenizer, every), frame)
    chat = [*check_template(folder, tokenizer, chats), compare_chats(tokens, tokenizer)] if chats else []
    for row in (ids, logits, greedy, *chat):
        _required(folder, row)
    return Verification(ids.compared, sum(map(len, rows)), logits.worst, greedy.compared)


def verify_converted(folder: Path, model: EncoderDecoder, tokenizer: Tokenizer) -> None:
    """Load a CTranslate2 model and compare logits and greedy answers; the arguments are those of `verify_folder`.

    Raises:
        ExportError: the first difference found, by name.
    """
    rows = source_probes(tokenizer, model.config.context, PROBES)
    for row in compare_answers(CTranslate2Answers(folder, tokenizer), model, tokenizer, rows, TIE):
        _required(folder, row)


def _all_taken(folder: Path, theirs: TransformersFolder) -> None:
    if theirs.loose:
        raise ExportError(f"{folder}: Transformers did not take every weight as it is: {theirs.loose}.")


def _required(folder: Path, row: Row) -> None:
    if row.verdict == "different":
        raise ExportError(
            f"{folder}: {row.check} differ in {row.runtime} by {row.worst:.2g}, more than {row.limit:.1g}. {row.note}"
        )


def verify_export(
    folder: Path,
    model: Model,
    tokenizer: Tokenizer,
    reporter: Reporter,
    *,
    trained: bool,
    chats: bool = False,
    ggufs: Sequence[Path] = (),
    converted: Path | None = None,
    lines: Sequence[str] = (),
    fuzz: int = FUZZ,
    threads: int = 1,
) -> Report:
    """Hold an exported folder, and GGUF files of it, against the trained model in every way there is.

    Args:
        folder: what was exported. That its files are whole is `fidan.export.proof.files.check_files`'s to say.
        model: the trained model in fp32, with the weights that were exported (`as_exported`).
        tokenizer: its tokenizer.
        reporter: told what is being done.
        trained: whether the model is another than the folder's own; then the folder's weights are compared, too.
        chats: whether the model was taught to chat: that the template is there, and gives the same ids everywhere.
        ggufs: GGUF files of the same model, a decoder.
        converted: a CTranslate2 model of it; None: one is made of an encoder-decoder, and removed again.
        lines: texts to encode, besides the hostile ones.
        fuzz: how many random texts to encode.
        threads: of llama.cpp.

    Returns:
        A row for every check of every runtime.

    Raises:
        FidanError: GGUF files of an encoder-decoder.
    """
    encoder = isinstance(model, EncoderDecoder)
    if encoder and ggufs:
        raise FidanError(f"{ggufs[0]}: a GGUF file cannot be of the same model, an encoder-decoder. Leave it out.")
    texts = [*TEXTS, *named_texts(tokenizer), *_pieces(tokenizer), *random_texts(tokenizer, fuzz), *lines]
    ids = _ids(tokenizer, texts)
    rows = [check_config(folder, model, tokenizer)]
    if trained:
        rows.append(check_weights(folder, model))
    if chats or trained:
        rows += check_template(folder, tokenizer, chats)
    runtimes: tuple[tuple[str, Callable[[Path], TokenRuntime]], ...] = (
        ("SentencePiece", partial(SentencePieceRuntime, sources=encoder)),
        ("tokenizers", TokenizersRuntime),
        ("Transformers", TransformersTokenizer),
    )
    for name, opened in runtimes:
        reporter.say(f"  {len(texts):,} texts in {name}")
        try:
            rows += _token_rows(opened(folder), tokenizer, texts, ids, frame_of(tokenizer, encoder))
        except FidanError as error:
            rows.append(failed("ids", name, error))
    renderer = None
    if chats:
        try:
            renderer = TransformersTokenizer(folder)
            rows.append(compare_chats(renderer, tokenizer))
        except FidanError as error:
            rows.append(failed("chat", "Transformers", error))
    reporter.say("  logits in Transformers")
    if isinstance(model, EncoderDecoder):
        return Report([*rows, *_answer_rows(folder, model, tokenizer, converted, reporter)])
    every = probes(tokenizer, model.config.context, PROBES)
    rows += _transformers_rows(folder, model, every)
    for path in ggufs:
        reporter.say(f"  {path.name}: settings, weights, {len(texts):,} texts, log-probabilities")
        rows += _gguf_rows(path, model, tokenizer, texts, ids, every, threads, renderer)
    return Report(rows)


def _token_rows(
    runtime: TokenRuntime, tokenizer: Tokenizer, texts: Sequence[str], ids: Sequence[list[int]], frame: Frame
) -> list[Row]:
    rows = [compare_ids(runtime, tokenizer, texts, ids, frame), compare_texts(runtime, texts, ids)]
    return [*rows, compare_symbols(runtime, tokenizer, texts, frame)] if runtime.reads_symbols else rows


def _answer_rows(
    folder: Path, model: EncoderDecoder, tokenizer: Tokenizer, converted: Path | None, reporter: Reporter
) -> list[Row]:
    sources = source_probes(tokenizer, model.config.context, PROBES)
    try:
        theirs = TransformersAnswers(folder, tokenizer)
        rows = [_taken(theirs, model), *compare_answers(theirs, model, tokenizer, sources, TIE)]
        rows.append(compare_long(theirs, model, tokenizer, sources[0]))
    except FidanError as error:
        rows = [failed("logits", "Transformers", error)]
    if converted is None and (reason := ctranslate2.why_not(folder)):
        reporter.say(f"  not in CTranslate2: {reason}")
        return rows
    reporter.say("  logits in CTranslate2")
    try:
        with tempfile.TemporaryDirectory() as place:
            if converted is None:
                ctranslate2.convert(folder, converted := Path(place) / ctranslate2.FOLDER)
            rows += compare_answers(CTranslate2Answers(converted, tokenizer), model, tokenizer, sources, TIE)
    except ctranslate2.NotInstalled:
        rows.append(Row("logits, text", "CTranslate2", "not installed", note=ctranslate2.INSTALL))
    except FidanError as error:
        rows.append(failed("logits", "CTranslate2", error))
    return rows


def _taken(theirs: TransformersFolder, model: Model) -> Row:
    loose = f"not taken as they are: {shown(theirs.loose)}" if theirs.loose else ""
    return within("weights", theirs.name, len(weights_of(model)), "tensors", len(theirs.loose), 0, loose)


def _transformers_rows(folder: Path, model: Decoder, every: Sequence[Probe]) -> list[Row]:
    try:
        theirs = TransformersModel(folder)
    except FidanError as error:
        return [failed("logits", "Transformers", error)]
    return [
        _taken(theirs, model),
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
    renderer: TransformersTokenizer | None,
) -> list[Row]:
    try:
        file = GgufFile(path, model)
    except FidanError as error:
        return [failed("file", path.name, error)]
    rows = [file.check_settings(model.config, tokenizer, renderer is not None), file.check_weights(model)]
    try:
        with closing(open_gguf(path, context=model.config.context, threads=threads)) as opened:
            runtime = GgufRuntime(opened, path)
            rows.append(Row("loads", path.name, "equal", 1, "file", note=opened.name))
            rows += _token_rows(runtime, tokenizer, texts, ids, frame_of(tokenizer, encoder=False))
            if renderer is not None:
                rows.append(compare_gguf_chats(runtime, file, renderer, tokenizer))
            rows += prove(runtime, file, model, every)
    except NotInstalled:
        rows.append(Row("ids, text, logits", path.name, "not installed", note=INSTALL))
    except FidanError as error:
        rows.append(failed("llama.cpp", path.name, error))
    return rows


def _ids(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    return [row.tolist() for row in tokenizer.encode_batch(texts)]


def _pieces(tokenizer: Tokenizer) -> list[str]:
    """A text for every piece. After a line break no space is put in front, so the piece itself is met."""
    return [
        "\n" + tokenizer.decode([i])
        for i in range(tokenizer.vocab_size)
        if i not in tokenizer.special_ids and not tokenizer.is_byte(i)
    ]
