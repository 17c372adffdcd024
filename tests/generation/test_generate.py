"""The loop: the same as Transformers' greedy search, seeds, ends, and streams of whole characters."""

from dataclasses import replace

import pytest
import torch
from transformers import AutoModelForCausalLM

from fidan.errors import FidanError
from fidan.generation.engine import TorchEngine
from fidan.generation.generate import Generation, sample, stream, write
from fidan.generation.sampling import LogitsError
from fidan.generation.stopping import TextStream
from fidan.recipe import GenerateConfig
from fidan.stages import Run
from fidan.trained import Trained, open_trained

CONFIG = GenerateConfig(max_new_tokens=30, temperature=0.9, top_p=0.95)
GREEDY = replace(CONFIG, temperature=0.0, repetition_penalty=1.0)


@pytest.fixture(scope="module")
def trained(tiny_run: Run) -> Trained:
    return open_trained(tiny_run.out, torch.device("cpu"))


@pytest.fixture(scope="module")
def engine(trained: Trained) -> TorchEngine:
    return TorchEngine(trained.model)


def ids_of(engine: TorchEngine, prompt: list[int], config: GenerateConfig, eos: int = -1, seed: int = 0) -> list[int]:
    generation = Generation(engine, [prompt], config, (eos,), [seed])
    found: list[int] = []
    while generation.running:
        found += [token for _, token in generation.step()]
    return found


def test_greedy_equals_transformers(trained: Trained, engine: TorchEngine, tiny_run: Run) -> None:
    theirs = AutoModelForCausalLM.from_pretrained(tiny_run.folder("export") / "hugging_face")
    prompt = trained.tokenizer.encode("Bugün", bos=True)
    ours = ids_of(engine, prompt, GREEDY, trained.tokenizer.eos_id)
    settings = {"do_sample": False, "repetition_penalty": 1.0, "max_new_tokens": CONFIG.max_new_tokens}
    batch = torch.tensor([prompt])
    found = theirs.generate(batch, attention_mask=torch.ones_like(batch), **settings)[0].tolist()[len(prompt) :]
    assert ours == [token for token in found if token != trained.tokenizer.eos_id]
    assert len(ours) > 5


def test_a_folder_says_how_it_is_sampled(tiny_run: Run, trained: Trained) -> None:
    assert trained.sampling == tiny_run.recipe.generate
    exported = open_trained(tiny_run.folder("export") / "hugging_face", torch.device("cpu"))
    assert replace(exported.sampling, prompts=()) == replace(tiny_run.recipe.generate, prompts=())


def test_a_seed_decides_the_text(trained: Trained, engine: TorchEngine) -> None:
    def text(seed: int) -> str:
        return "".join(stream(engine, trained.tokenizer, "Ali", CONFIG, seed))

    assert text(1) == text(1) != text(2)


def test_the_global_random_state_is_left_alone(trained: Trained, engine: TorchEngine) -> None:
    before = torch.get_rng_state()
    "".join(stream(engine, trained.tokenizer, "Ali", CONFIG, 1))
    assert torch.equal(before, torch.get_rng_state())


def test_it_ends_at_the_end_of_the_text(trained: Trained, engine: TorchEngine) -> None:
    prompt = trained.tokenizer.encode("Bugün", bos=True)
    free = ids_of(engine, prompt, GREEDY)
    end = free[4]
    generation = Generation(engine, [prompt], GREEDY, (end,))
    stopped: list[int] = []
    while generation.running:
        stopped += [token for _, token in generation.step()]
    assert stopped == free[: free.index(end)]
    assert generation.finished == {0: "end"}


def test_it_ends_where_the_context_is_full(trained: Trained, engine: TorchEngine) -> None:
    context = trained.model.config.context
    prompt = trained.tokenizer.encode("Bugün", bos=True)
    generation = Generation(engine, [prompt], replace(GREEDY, max_new_tokens=10 * context), ())
    tokens = 0
    while generation.running:
        tokens += len(generation.step())
    assert len(prompt) + tokens == context + 1  # the last one is written without being read
    assert generation.finished == {0: "context"}


@pytest.mark.parametrize("length", [0, 64, 100])
@pytest.mark.parametrize("config", [CONFIG, replace(GREEDY, beams=2)])
def test_a_prompt_that_does_not_fit_is_refused(
    trained: Trained, engine: TorchEngine, length: int, config: GenerateConfig
) -> None:
    with pytest.raises(FidanError, match=f"a prompt of {length} tokens"):
        write(engine, trained.tokenizer, [[5], [5] * length], config)


PROMPTS = ["Bir gün", "Ali", "Bugün hava çok güzel, çünkü", "Ali"]


@pytest.mark.parametrize(
    "config", [GREEDY, CONFIG, replace(CONFIG, no_repeat_ngram=2, frequency_penalty=0.5, top_k=9)]
)
def test_a_text_is_the_same_alone_and_in_company(
    trained: Trained, engine: TorchEngine, config: GenerateConfig
) -> None:
    prompts = [trained.tokenizer.encode(prompt, bos=True) for prompt in PROMPTS]
    seeds = [3, 1, 4, 1]
    together = write(engine, trained.tokenizer, prompts, config, seeds)
    alone = [write(engine, trained.tokenizer, [p], config, [s])[0] for p, s in zip(prompts, seeds, strict=True)]
    assert together == alone
    assert together[1] == together[3]


def test_streamed_pieces_join_to_the_decoded_text(trained: Trained, engine: TorchEngine) -> None:
    prompt = trained.tokenizer.encode("Bir gün", bos=True)
    ids = ids_of(engine, prompt, CONFIG, trained.tokenizer.eos_id, seed=3)
    text = "".join(stream(engine, trained.tokenizer, "Bir gün", CONFIG, seed=3))
    assert "Bir gün" + text == trained.tokenizer.decode(prompt + ids)
    assert write(engine, trained.tokenizer, [prompt], CONFIG, [3])[0].text == text


def test_a_stop_string_ends_the_text_before_it(trained: Trained, engine: TorchEngine) -> None:
    free = "".join(stream(engine, trained.tokenizer, "Bir gün", CONFIG, seed=3))
    stop = free[12:17]  # ends amid a token or not: a text does not tell
    expected = free[: free.index(stop)]
    config = replace(CONFIG, stop=("никогда", stop))
    pieces = list(stream(engine, trained.tokenizer, "Bir gün", config, seed=3))
    assert "".join(pieces) == expected
    ids = trained.tokenizer.encode("Bir gün", bos=True)
    written = write(engine, trained.tokenizer, [ids, ids], config, [3, 4])
    assert (written[0].text, written[0].finish) == (expected, "stop")
    assert len(written[0].ids) < CONFIG.max_new_tokens


def test_what_may_begin_a_stop_string_waits(trained: Trained) -> None:
    stream = TextStream(trained.tokenizer, [5], ["\nSoru:", "abab"])
    certain = [stream.push(token) for token in trained.tokenizer.encode("son\nSo, aba", bos=True)]
    assert "".join(certain) == "son\nSo, "
    assert stream.finish() == "aba"
    assert not stream.stopped


def test_nan_is_an_error_that_says_in_which_text_and_where(trained: Trained, engine: TorchEngine) -> None:
    prompts = [trained.tokenizer.encode(prompt, bos=True) for prompt in PROMPTS[:2]]
    calls = 0

    def poisoned(tokens: list[int], cache: object) -> torch.Tensor:
        nonlocal calls
        calls += 1
        logits = engine.step(tokens, cache)  # type: ignore[arg-type]
        if calls == 3:
            logits[1, 7] = float("nan")
        return logits

    broken = TorchEngine(trained.model, poisoned)
    with pytest.raises(
        LogitsError, match=f"text 2, token {len(prompts[1]) + 4}: the model's logit of token 7 is nan"
    ):
        write(broken, trained.tokenizer, prompts, replace(GREEDY, max_new_tokens=10))


def test_samples_of_a_recipe_have_seeds_of_their_own(trained: Trained, engine: TorchEngine) -> None:
    config = replace(CONFIG, prompts=("Ali", "Bir gün"), samples=2)
    samples = sample(engine, trained.tokenizer, config, 10)
    assert [one["prompt"] for one in samples] == ["Ali", "Bir gün", "Ali", "Bir gün"]
    assert samples[0] != samples[2]
    alone = "".join(stream(engine, trained.tokenizer, "Ali", config, 12))
    assert samples[2]["continuation"] == alone
