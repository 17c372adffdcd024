"""What the page shows of a model is what the model computes: tokens, probabilities, attention."""

import re
import threading

import pytest
import torch

from fidan.errors import FidanError
from fidan.generation.encoder_decoder_engine import EncoderDecoderEngine
from fidan.generation.engine import TorchEngine
from fidan.generation.generate import prompt_ids
from fidan.generation.sampling import filtered
from fidan.model.attention import MultiHeadAttention
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.recipe import GenerateConfig
from fidan.serving.inside.attention import MOST_TOKENS, NoAttention, attention_of, has_attention, shape_of, twin
from fidan.serving.inside.next_token import after_settings, draw_token, next_token
from fidan.serving.inside.tokens import MOST_CHARACTERS, tokens_of
from fidan.serving.web.attention_view import draw_map, draw_overview
from fidan.serving.web.markup import number, percent, safe
from fidan.serving.web.probability_view import draw_next
from fidan.serving.web.token_view import draw_tokens
from fidan.stages import Run
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.trained import open_writer

SETTINGS = [
    GenerateConfig(temperature=0.7),
    GenerateConfig(temperature=1.0, top_k=5, top_p=1.0),
    GenerateConfig(temperature=1.3, top_p=0.6),
    GenerateConfig(temperature=1.0, top_p=1.0, min_p=0.2),
    GenerateConfig(temperature=0.5, top_k=40, top_p=0.9, min_p=0.05),
]


@pytest.fixture(scope="module")
def logits() -> torch.Tensor:
    return torch.randn(800, generator=torch.Generator().manual_seed(1)) * 3


@pytest.mark.parametrize("config", SETTINGS, ids=range(len(SETTINGS)))
def test_what_is_shown_after_the_settings_is_what_texts_are_drawn_from(
    logits: torch.Tensor, config: GenerateConfig
) -> None:
    wanted = filtered(logits[None], config)[0].softmax(-1)
    found = after_settings(logits.log_softmax(-1), config)
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-7)
    assert torch.equal(found > 0, wanted > 0)
    assert float(found.sum()) == pytest.approx(1, abs=1e-5)
    told = next_token(logits.log_softmax(-1), config)
    assert [one.before for one in told.candidates] == sorted((one.before for one in told.candidates), reverse=True)
    assert told.kept == int((wanted > 0).sum())
    assert told.kept_before == pytest.approx(float(logits.softmax(-1)[wanted > 0].sum()), abs=1e-5)


def test_temperature_zero_leaves_one_token_and_no_doubt(logits: torch.Tensor) -> None:
    told = next_token(logits.log_softmax(-1), GenerateConfig(temperature=0.0))
    assert (told.kept, told.candidates[0].after, told.entropy_after) == (1, 1.0, 0.0)
    assert draw_token(logits.log_softmax(-1), GenerateConfig(temperature=0.0)) == int(logits.argmax())


def test_entropy_is_in_bits() -> None:
    told = next_token(torch.full((64,), 1 / 64).log(), GenerateConfig(temperature=1.0, top_p=1.0))
    assert told.entropy_before == pytest.approx(6.0)


def test_tokens_can_all_be_seen(tokenizer: Tokenizer) -> None:
    found = tokens_of(tokenizer, "Bir\nağaç\t中")
    shown = [one.text for one in found.shown]
    assert shown[0].startswith("▁")
    assert "↵" in shown
    assert [one.text for one in found.shown if one.kind == "byte"][-3:] == ["E4", "B8", "AD"]
    assert [one.id for one in found.shown] == tokenizer.encode("Bir\nağaç\t中")
    assert found.bytes_per_token == pytest.approx(len("Bir\nağaç\t中".encode()) / len(found.shown))
    with pytest.raises(FidanError, match="Shorten"):
        tokens_of(tokenizer, "a" * (MOST_CHARACTERS + 1))


def check(maps: torch.Tensor, causal: bool) -> None:
    torch.testing.assert_close(maps.sum(-1), torch.ones(maps.shape[:-1]), rtol=0, atol=1e-5)
    if causal:
        assert float(maps.triu(1).abs().max()) == 0.0


def test_a_decoder_looks_back_only_and_its_rows_add_up(tiny_run: Run, tokenizer: Tokenizer) -> None:
    engine = open_writer(tiny_run.out, "cpu").engine
    ids = tokenizer.encode("Küçük kedi uyudu.", bos=True)
    found = attention_of(engine, tokenizer, ids)
    assert found.maps["self"].shape == (2, 4, len(ids), len(ids))
    check(found.maps["self"], causal=True)
    assert shape_of(engine) == (("self",), 2, 4)
    with pytest.raises(FidanError, match="Shorten"):
        attention_of(engine, tokenizer, [*ids] * MOST_TOKENS)
    with pytest.raises(FidanError, match="encoder-decoder"):
        attention_of(engine, tokenizer, ids, ids)


def test_an_encoder_decoder_looks_at_its_source_too(denoising_run: Run) -> None:
    writer = open_writer(denoising_run.out, "cpu")
    assert isinstance(writer.engine, EncoderDecoderEngine)
    ids = prompt_ids(writer.engine, writer.tokenizer, "ev ile kira")
    answer = writer.tokenizer.encode("kira değil ev")
    found = attention_of(writer.engine, writer.tokenizer, ids, answer)
    assert sorted(found.maps) == ["cross", "encoder", "self"]
    assert found.maps["cross"].shape[-2:] == (len(answer) + 1, len(ids))
    assert len(found.rows["cross"]) == len(answer) + 1
    for kind, maps in found.maps.items():
        check(maps, causal=kind == "self")


def test_to_look_does_not_disturb_who_decodes(tokenizer: Tokenizer) -> None:
    torch.manual_seed(0)
    shape = ModelConfig(d_model=32, n_layers=2, n_heads=2, d_ff=64, context=64)
    engine = TorchEngine(Decoder(shape, tokenizer.vocab_size))
    other = twin(engine.model)
    assert {id(one) for one in other.parameters()} == {id(one) for one in engine.model.parameters()}
    assert not {id(one) for one in other.modules()} & {id(one) for one in engine.model.modules()}
    ids = tokenizer.encode("Bir ağaç gördüm.", bos=True)
    alone = engine.open([ids], 8).logits.clone()
    seen, over = [], threading.Event()

    def decode() -> None:
        while not over.is_set():
            rows = engine.open([ids], 8)
            seen.append(torch.equal(rows.logits, alone))
            seen.append(all(m.seen is None for m in engine.model.modules() if isinstance(m, MultiHeadAttention)))

    thread = threading.Thread(target=decode)
    thread.start()
    maps = [attention_of(engine, tokenizer, ids).maps["self"] for _ in range(10)]
    over.set()
    thread.join()
    assert seen
    assert all(seen)
    assert all(torch.equal(one, maps[0]) for one in maps)


def test_an_engine_without_a_model_shows_no_attention(tokenizer: Tokenizer) -> None:
    class Other:
        vocabulary, context, longest_prompt = 8, 8, 8

    assert not has_attention(Other())  # type: ignore[arg-type]
    with pytest.raises(NoAttention, match="Other"):
        attention_of(Other(), tokenizer, [1])  # type: ignore[arg-type]


def test_foreign_text_stays_text_in_every_picture(tokenizer: Tokenizer, logits: torch.Tensor) -> None:
    evil = '<img src=x onerror=alert(1)> ${alert(1)} {{value}} `x` "q"'
    for made in (safe(evil), draw_tokens(tokens_of(tokenizer, evil))):
        assert "<img" not in made
        assert not re.search(r"\$\{|\{\{|`", made)
    maps = torch.full((1, 1, 2, 2), 0.5)
    large = draw_map(maps[0, 0], ["<b>a</b>", "${x}"], ["</svg>", "{{y}}"])
    assert not re.search(r"<b>|\$\{|\{\{", large)
    assert large.count("</svg>") == 1
    assert large.count("<title>") == 4
    assert "%50,0" in large
    assert draw_overview(maps, 0, 0).count("data:image/png;base64,") == 1
    rows = draw_next(tokenizer, next_token(logits.log_softmax(-1)[: tokenizer.vocab_size], SETTINGS[1]))
    assert rows.count('class="row cut"') == 15  # of 20, top-k keeps 5
    assert rows.count("elendi") == 15


def test_numbers_are_written_as_turkish_writes_them() -> None:
    assert number(1234.5, 1) == "1.234,5"
    assert [percent(0.1234), percent(0.0001), percent(0.0)] == ["%12,3", "&lt;%0,1", "%0,0"]
