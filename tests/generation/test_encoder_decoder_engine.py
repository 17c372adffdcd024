"""Texts of sources: cached equals uncached, company and padding change nothing, the same texts as Transformers'.

And what only works if the masks are right: a tiny model learns to copy and to reverse, writing freely.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from shutil import copytree
from typing import NamedTuple

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from fidan.artifact import write_json
from fidan.errors import ArtifactMismatch, FidanError
from fidan.generation.encoder_decoder_engine import EncoderDecoderEngine
from fidan.generation.generate import Generation, write
from fidan.generation.search import beam_search
from fidan.model.config import ModelConfig
from fidan.model.encoder_decoder import EncoderDecoder
from fidan.recipe import GenerateConfig
from fidan.stages import Run
from fidan.trained import Located, Trained, locate, open_trained, open_writer
from fidan.weights import weights_of, write_weights
from tests.model.t5gemma import T5GEMMA, V, lively, t5gemma

BOS, EOS = 1, 2
SOURCES = [[5, 7, 9, 11], [3], [4, 4, 4, 8, 30, 9, 61], [8, 8, 60]]
CLASSICAL = replace(T5GEMMA, norm_place="pre", norm="layernorm", feedforward="gelu", positions="sinusoidal")
SHAPES = {
    "T5Gemma": replace(T5GEMMA, n_kv_heads=2),
    "classical": CLASSICAL,
    "learnt": replace(T5GEMMA, positions="learnt"),
}
GREEDY = GenerateConfig(temperature=0.0, repetition_penalty=1.0, max_new_tokens=12)


def engine_of(config: ModelConfig = T5GEMMA) -> EncoderDecoderEngine:
    return EncoderDecoderEngine(lively(config), BOS)


def texts(
    engine: EncoderDecoderEngine, sources: Sequence[Sequence[int]], config: GenerateConfig = GREEDY, end: int = EOS
) -> list[list[int]]:
    generation = Generation(engine, sources, config, (end,), range(len(sources)))
    found: list[list[int]] = [[] for _ in sources]
    while generation.running:
        for row, token in generation.step():
            found[row].append(token)
    return found


@pytest.mark.parametrize("config", SHAPES.values(), ids=SHAPES.keys())
def test_cached_equals_uncached(config: ModelConfig) -> None:
    engine = engine_of(config)
    decoding = engine.open(SOURCES, 12)
    written, logits = [[BOS] for _ in SOURCES], [decoding.logits]
    for step in range(11):
        tokens = [(7 * step + 3 * row + 2) % V for row in range(len(SOURCES))]
        decoding.advance(tokens)
        written = [[*text, token] for text, token in zip(written, tokens, strict=True)]
        logits.append(decoding.logits)
    for row, (source, text) in enumerate(zip(SOURCES, written, strict=True)):
        with torch.inference_mode():
            whole = engine.model(torch.tensor([source]), torch.tensor([text]))[0]
        torch.testing.assert_close(torch.stack([at[row] for at in logits]), whole, atol=1e-5, rtol=1e-5)


def test_company_and_padding_change_no_text() -> None:
    engine = engine_of()
    together = texts(engine, SOURCES)
    assert together == [texts(engine, [source])[0] for source in SOURCES]
    assert len({tuple(text) for text in together}) == len(SOURCES), "they differ, so they look at their sources"
    assert together[::-1] == texts(engine, SOURCES[::-1])


def test_sources_beyond_one_pass_are_read_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = engine_of()
    whole = engine.open(SOURCES, 1).logits
    monkeypatch.setattr("fidan.generation.encoder_decoder_engine.SOURCE_POSITIONS", 7)
    torch.testing.assert_close(engine.open(SOURCES, 1).logits, whole, atol=1e-5, rtol=1e-5)


def test_rows_can_be_left_turned_round_and_doubled() -> None:
    engine = engine_of()
    decoding, other = engine.open(SOURCES, 5), engine.open(SOURCES, 5)
    decoding.advance([9, 8, 7, 6])
    other.advance([9, 8, 7, 6])
    decoding.select([3, 0, 3])
    assert torch.equal(decoding.logits, other.logits[[3, 0, 3]])
    decoding.advance([10, 11, 12])
    other.advance([11, 5, 5, 10])
    torch.testing.assert_close(decoding.logits[:2], other.logits[[3, 0]], atol=1e-5, rtol=1e-5)
    assert not torch.allclose(decoding.logits[0], decoding.logits[2])
    decoding.select([1, 1])
    decoding.advance([20, 20])
    other.advance([1, 1, 1, 1])
    expected = engine.model(torch.tensor([SOURCES[0]]), torch.tensor([[BOS, 9, 11, 20]]))[:, -1]
    torch.testing.assert_close(decoding.logits, expected.expand(2, -1), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("beams", [1, 4])
def test_texts_equal_transformers(beams: int) -> None:
    engine = engine_of()
    theirs = t5gemma(engine.model)
    for source in SOURCES:
        batch = torch.tensor([source])
        found = theirs.generate(
            batch, attention_mask=torch.ones_like(batch), num_beams=beams, do_sample=False, max_new_tokens=12,
            decoder_start_token_id=BOS, bos_token_id=BOS, eos_token_id=EOS, pad_token_id=0,
        )[0].tolist()[1:]  # fmt: skip
        config = replace(GREEDY, beams=beams)
        ours = texts(engine, [source])[0] if beams == 1 else beam_search(engine, source, config, (EOS,))[0].ids
        assert ours == [token for token in found if token not in (0, EOS)]


def test_a_text_and_its_source_have_the_context_each_to_itself() -> None:
    engine = engine_of()
    source = [5] * T5GEMMA.context
    generation = Generation(engine, [source, [6]], replace(GREEDY, max_new_tokens=100), ())
    while generation.running:
        generation.step()
    assert generation.finished == {0: "context", 1: "context"}
    best = beam_search(engine, source, replace(GREEDY, beams=2, max_new_tokens=100), ())[0]
    assert (len(best.ids), best.finish) == (T5GEMMA.context, "context")
    for wrong in ([], [5] * 25):
        with pytest.raises(FidanError, match=f"a prompt of {len(wrong)} tokens: .* context of 24, at most 24"):
            Generation(engine, [wrong], GREEDY, ())


@pytest.fixture(scope="module")
def trained(tiny_run: Run) -> Trained:
    return open_trained(tiny_run.out, torch.device("cpu"))


def encoder_decoder_run(folder: Path, tiny_run: Run, trained: Trained, config: ModelConfig) -> EncoderDecoder:
    """A run's folder whose training made an encoder-decoder."""
    torch.manual_seed(0)
    model = EncoderDecoder(config, trained.tokenizer.vocab_size)
    copytree(tiny_run.folder("tokenizer"), folder / "tokenizer")
    (folder / "train").mkdir()
    write_weights(folder / "train" / "model.safetensors", weights_of(model))
    shape = {"model": asdict(config), "vocabulary": model.vocabulary, "tokenizer": trained.tokenizer.hash}
    write_json(folder / "train" / "model.json", shape)
    return model.eval()


def test_a_run_of_an_encoder_decoder_is_opened_to_write(tmp_path: Path, tiny_run: Run, trained: Trained) -> None:
    model = encoder_decoder_run(tmp_path, tiny_run, trained, replace(T5GEMMA, init_std=0.3))
    writer, tokenizer = open_writer(tmp_path, "cpu"), trained.tokenizer
    sources = [tokenizer.encode(text) for text in ("Ali eve geldi.", "Bugün")]
    same = EncoderDecoderEngine(model, tokenizer.bos_id)
    for config in (GREEDY, replace(GREEDY, temperature=1.0), replace(GREEDY, beams=3)):
        written = write(writer.engine, writer.tokenizer, sources, config, seeds=[4, 5])
        assert written == write(same, tokenizer, sources, config, seeds=[4, 5])
        assert written[1] == write(same, tokenizer, sources[1:], config, seeds=[5])[0], "alone"
        assert all(one.text == tokenizer.decode(one.ids) for one in written)
    with pytest.raises(ArtifactMismatch, match=r"an encoder-decoder \(encoder_layers = 2\), and a decoder alone"):
        open_trained(tmp_path, torch.device("cpu"))
    with pytest.raises(FidanError, match=r"weights = 'int8': .* encoder_layers = 2, norm_place = 'sandwich'"):
        open_writer(tmp_path, "cpu", "int8")
    located: Located = locate(tmp_path)
    assert isinstance(located.build(torch.device("cpu")), EncoderDecoder)


COPY, REVERSE, SYMBOLS, LONGEST = 3, 4, range(5, 12), 5
PLACES = torch.arange(LONGEST + 1)


class Batch(NamedTuple):
    """Sources begin with what is to be done; the target ends with `</s>`."""

    source: Tensor
    mask: Tensor
    inputs: Tensor
    labels: Tensor


def draw(rows: int, held_out: bool, generator: torch.Generator) -> Batch:
    """Sequences of 2 to 5 symbols. A seventh of all there are, by their sum, are held out: never trained on."""
    symbols = torch.randint(SYMBOLS.start, SYMBOLS.stop, (10 * rows, LONGEST), generator=generator)
    lengths = torch.randint(2, LONGEST + 1, (10 * rows, 1), generator=generator)
    symbols = symbols * (PLACES[:-1] < lengths)
    kept = ((symbols.sum(1) % 7 == 3) == held_out).nonzero()[:rows, 0]
    symbols, lengths = symbols[kept], lengths[kept]
    tasks = torch.randint(COPY, REVERSE + 1, (len(kept), 1), generator=generator)
    backwards = symbols.gather(1, (lengths - 1 - PLACES[:-1]).clamp(min=0)) * (PLACES[:-1] < lengths)
    target = F.pad(torch.where(tasks == REVERSE, backwards, symbols), (0, 1)).scatter(1, lengths, EOS)
    inputs = F.pad(target[:, :-1], (1, 0), value=BOS)
    labels = target.masked_fill(lengths < PLACES, -100)
    return Batch(torch.cat([tasks, symbols], 1), lengths >= PLACES, inputs, labels)


@pytest.fixture(scope="module")
def copier() -> EncoderDecoder:
    """A model of 48,000 parameters that has learnt to copy and to reverse, each as its source asks for."""
    torch.manual_seed(0)
    shape = {"d_model": 32, "d_ff": 64, "n_layers": 2, "encoder_layers": 2, "n_heads": 4, "context": 8}
    model = EncoderDecoder(ModelConfig(**shape, norm_place="sandwich", embedding_std=32**-0.5), SYMBOLS.stop)
    optimizer = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.98), fused=True)
    generator, steps = torch.Generator().manual_seed(0), 350
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = 1e-2 * min((step + 1) / 30, 2 * (1 - step / steps), 1.0)
        batch = draw(64, False, generator)
        logits = model(batch.source, batch.inputs, batch.mask)
        loss = F.cross_entropy(logits.flatten(0, 1), batch.labels.flatten(), ignore_index=-100)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    return model.eval()


@pytest.mark.parametrize("task", [COPY, REVERSE], ids=["copy", "reverse"])
def test_held_out_sequences_are_copied_and_reversed(copier: EncoderDecoder, task: int) -> None:
    batch = draw(600, True, torch.Generator().manual_seed(1))
    mine = batch.source[:, 0] == task
    sources = [row[present].tolist() for row, present in zip(batch.source[mine], batch.mask[mine], strict=True)]
    found = texts(EncoderDecoderEngine(copier, BOS), sources, replace(GREEDY, max_new_tokens=7))
    wanted = [source[1:] if task == COPY else source[:0:-1] for source in sources]
    assert len(wanted) > 200
    assert sum(text == right for text, right in zip(found, wanted, strict=True)) >= 0.99 * len(wanted)


@pytest.mark.parametrize("rule", [{"no_repeat_ngram": 1}, {"repetition_penalty": 1e6}], ids=str)
@pytest.mark.parametrize("beams", [1, 3])
def test_penalties_look_at_the_text_and_not_at_the_source(copier: EncoderDecoder, rule: dict, beams: int) -> None:
    engine, config = EncoderDecoderEngine(copier, BOS), replace(GREEDY, max_new_tokens=7, beams=beams, **rule)

    def text(source: list[int]) -> list[int]:
        return (
            texts(engine, [source], config)[0] if beams == 1 else beam_search(engine, source, config, (EOS,))[0].ids
        )

    assert text([COPY, 8, 6, 9, 5]) == [8, 6, 9, 5]
    assert text([COPY, 8, 8, 9, 5]) != [8, 8, 9, 5]
