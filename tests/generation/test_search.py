"""Beam search: the same texts as Transformers', and an exhaustive search where that is possible."""

import itertools
from dataclasses import replace

import pytest
import torch
from transformers import AutoModelForCausalLM

from fidan.generation.engine import TorchEngine
from fidan.generation.search import beam_search
from fidan.model.config import ModelConfig
from fidan.recipe import GenerateConfig
from fidan.stages import Run
from fidan.trained import Trained, open_trained
from tests.generation.conftest import MakeModel

BEAMS = GenerateConfig(temperature=0.0, repetition_penalty=1.0, beams=4, max_new_tokens=20)


@pytest.fixture(scope="module")
def trained(tiny_run: Run) -> Trained:
    return open_trained(tiny_run.out, torch.device("cpu"))


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"beams": 2, "length_penalty": 0.0},
        {"beams": 7, "length_penalty": 2.0},
        {"no_repeat_ngram": 2},
        {"repetition_penalty": 1.2},
    ],
)
@pytest.mark.parametrize("prompt", ["Bugün", "Ali", "Soru:"])
def test_beams_equal_transformers(trained: Trained, tiny_run: Run, settings: dict[str, float], prompt: str) -> None:
    config = replace(BEAMS, **settings)
    theirs = AutoModelForCausalLM.from_pretrained(tiny_run.folder("export") / "hugging_face")
    ids = trained.tokenizer.encode(prompt, bos=True)
    batch = torch.tensor([ids])
    found = theirs.generate(
        batch,
        attention_mask=torch.ones_like(batch),
        num_beams=config.beams,
        do_sample=False,
        length_penalty=config.length_penalty,
        no_repeat_ngram_size=config.no_repeat_ngram,
        repetition_penalty=config.repetition_penalty,
        max_new_tokens=config.max_new_tokens,
    )[0].tolist()[len(ids) :]
    eos = trained.tokenizer.eos_id
    best = beam_search(TorchEngine(trained.model), ids, config, [eos])[0]
    assert best.ids == [token for token in found if token not in (eos, trained.tokenizer.pad_id)]


def test_enough_beams_find_the_best_of_all(make_model: MakeModel) -> None:
    config = ModelConfig(d_model=16, n_layers=1, n_heads=2, d_ff=16, context=16)
    model = make_model(config, vocabulary=5)
    prompt = [1, 2]
    best, likeliest = -torch.inf, ()
    for text in itertools.product(range(5), repeat=3):
        with torch.inference_mode():
            logs = model(torch.tensor([[*prompt, *text]]))[0].log_softmax(-1)
        score = float(sum(logs[1 + i, token] for i, token in enumerate(text)))
        if score > best:
            best, likeliest = score, text
    found = beam_search(TorchEngine(model), prompt, replace(BEAMS, beams=25, max_new_tokens=3), [])[0]
    assert tuple(found.ids) == likeliest
    assert found.score * 3 == pytest.approx(best, abs=1e-5)
    assert found.finish == "length"


def test_one_beam_is_greedy(make_model: MakeModel) -> None:
    engine = TorchEngine(make_model())
    decoding = engine.open([[1, 2]], 8)
    greedy = []
    for _ in range(8):
        greedy.append(int(decoding.logits.argmax()))
        decoding.advance(greedy[-1:])
    assert beam_search(engine, [1, 2], replace(BEAMS, beams=1, max_new_tokens=8), [])[0].ids == greedy


def test_it_ends_where_the_context_is_full(make_model: MakeModel) -> None:
    engine = TorchEngine(make_model())
    best = beam_search(engine, [1] * 60, replace(BEAMS, max_new_tokens=100), [])[0]
    assert (len(best.ids), best.finish) == (5, "context")
