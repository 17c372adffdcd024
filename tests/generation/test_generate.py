"""The loop: the same as Transformers' greedy search, seeds, ends, and streams of whole characters."""

from dataclasses import replace

import pytest
import torch
from transformers import AutoModelForCausalLM

from fidan.errors import FidanError
from fidan.generation.generate import generate_ids, stream
from fidan.recipe import GenerateConfig
from fidan.stages import Run
from fidan.trained import Trained, open_trained

CONFIG = GenerateConfig(max_new_tokens=30, temperature=0.9, top_p=0.95)
GREEDY = replace(CONFIG, temperature=0.0, repetition_penalty=1.0)


@pytest.fixture(scope="module")
def trained(tiny_run: Run) -> Trained:
    return open_trained(tiny_run.out, torch.device("cpu"))


def test_greedy_equals_transformers(trained: Trained, tiny_run: Run) -> None:
    theirs = AutoModelForCausalLM.from_pretrained(tiny_run.folder("export") / "hugging_face")
    prompt = trained.tokenizer.encode("Bugün", bos=True)
    ours = list(generate_ids(trained.model, prompt, GREEDY, trained.tokenizer.eos_id))
    settings = {"do_sample": False, "repetition_penalty": 1.0, "max_new_tokens": CONFIG.max_new_tokens}
    batch = torch.tensor([prompt])
    found = theirs.generate(batch, attention_mask=torch.ones_like(batch), **settings)[0].tolist()[len(prompt) :]
    assert ours == [token for token in found if token != trained.tokenizer.eos_id]
    assert len(ours) > 5


def test_a_folder_says_how_it_is_sampled(tiny_run: Run, trained: Trained) -> None:
    assert trained.sampling == tiny_run.recipe.generate
    exported = open_trained(tiny_run.folder("export") / "hugging_face", torch.device("cpu"))
    assert replace(exported.sampling, prompts=()) == replace(tiny_run.recipe.generate, prompts=())


def test_a_seed_decides_the_text(trained: Trained) -> None:
    def text(seed: int) -> str:
        return "".join(stream(trained.model, trained.tokenizer, "Ali", CONFIG, seed))

    assert text(1) == text(1) != text(2)


def test_the_global_random_state_is_left_alone(trained: Trained) -> None:
    before = torch.get_rng_state()
    "".join(stream(trained.model, trained.tokenizer, "Ali", CONFIG, 1))
    assert torch.equal(before, torch.get_rng_state())


def test_it_ends_at_the_end_of_the_text(trained: Trained) -> None:
    prompt = trained.tokenizer.encode("Bugün", bos=True)
    free = list(generate_ids(trained.model, prompt, GREEDY, eos=-1))
    end = free[4]
    stopped = list(generate_ids(trained.model, prompt, GREEDY, eos=end))
    assert stopped == free[: free.index(end)]


def test_it_ends_where_the_context_is_full(trained: Trained) -> None:
    context = trained.model.config.context
    prompt = trained.tokenizer.encode("Bugün", bos=True)
    long = replace(GREEDY, max_new_tokens=10 * context)
    tokens = list(generate_ids(trained.model, prompt, long, eos=-1))
    assert len(prompt) + len(tokens) == context + 1  # the last one is written without being read


@pytest.mark.parametrize("length", [0, 64, 100])
def test_a_prompt_that_does_not_fit_is_refused(trained: Trained, length: int) -> None:
    with pytest.raises(FidanError, match=f"a prompt of {length} tokens"):
        next(generate_ids(trained.model, [5] * length, CONFIG, eos=2))


def test_streamed_pieces_join_to_the_decoded_text(trained: Trained) -> None:
    prompt = trained.tokenizer.encode("Bir gün", bos=True)
    ids = list(generate_ids(trained.model, prompt, CONFIG, trained.tokenizer.eos_id, seed=3))
    text = "".join(stream(trained.model, trained.tokenizer, "Bir gün", CONFIG, seed=3))
    assert "Bir gün" + text == trained.tokenizer.decode(prompt + ids)
