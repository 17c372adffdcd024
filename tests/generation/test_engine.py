"""Logits out of the cache: equal to the model's own over the whole text, whatever stands beside it."""

import os
import subprocess
import sys

import llvmlite.binding
import numpy as np
import pytest
import torch
from numba import njit

from fidan.generation.cache import KeyValueCache
from fidan.generation.engine import Decoding, TorchEngine
from fidan.generation.fast_step import FastStep
from fidan.generation.graph_step import FixedStep, GraphStep
from fidan.generation.int8 import Int8Linear, quantise
from fidan.generation.whole_numbers import dot_four_whole
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from tests.generation.conftest import GROUPED, MakeModel, V

PROMPTS = [[1, 5, 7, 9], [1], [1, 4, 4, 4, 3, 2, 9], [1, 8, 8, 2]]
ODD = ModelConfig(d_model=72, n_layers=2, n_heads=2, n_kv_heads=1, d_ff=50, context=64)  # no width of whole vectors
TIED = ModelConfig(d_model=48, n_layers=2, n_heads=6, d_ff=80, context=64, tie_embeddings=True)


def texts_and_logits(decoding: Decoding, steps: int) -> tuple[list[list[int]], list[torch.Tensor]]:
    texts, logits = [list(prompt) for prompt in PROMPTS], [decoding.logits]
    for step in range(steps):
        tokens = [(7 * step + 3 * row + 2) % V for row in range(len(texts))]
        decoding.advance(tokens)
        texts = [[*text, token] for text, token in zip(texts, tokens, strict=True)]
        logits.append(decoding.logits)
    return texts, logits


def engine_of(model: Decoder, way: str) -> TorchEngine:
    return TorchEngine(model, FastStep(model) if way == "loops" else None)


@pytest.mark.parametrize("config", [GROUPED, TIED], ids=["grouped", "tied"])
@pytest.mark.parametrize("way", ["torch", "loops"])
def test_cached_equals_uncached(make_model: MakeModel, config: ModelConfig, way: str) -> None:
    model = make_model(config)
    texts, logits = texts_and_logits(engine_of(model, way).open(PROMPTS, 12), 12)
    for row, (prompt, text) in enumerate(zip(PROMPTS, texts, strict=True)):
        with torch.inference_mode():
            whole = model(torch.tensor([text]))[0, len(prompt) - 1 :]
        cached = torch.stack([at[row] for at in logits])
        torch.testing.assert_close(cached, whole, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("way", ["torch", "loops"])
def test_company_changes_nothing(make_model: MakeModel, way: str) -> None:
    engine = engine_of(make_model(), way)
    texts, together = texts_and_logits(engine.open(PROMPTS, 9), 9)
    for row, prompt in enumerate(PROMPTS):
        alone = engine.open([prompt], 9)
        torch.testing.assert_close(alone.logits[0], together[0][row], atol=1e-5, rtol=1e-5)
        for step in range(9):
            alone.advance([texts[row][len(prompt) + step]])
            torch.testing.assert_close(alone.logits[0], together[step + 1][row], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("way", ["torch", "loops"])
def test_rows_can_be_left_turned_round_and_doubled(make_model: MakeModel, way: str) -> None:
    engine = engine_of(make_model(), way)
    decoding, other = engine.open(PROMPTS, 5), engine.open(PROMPTS, 5)
    decoding.advance([9, 8, 7, 6])
    other.advance([9, 8, 7, 6])
    decoding.select([3, 0, 3])
    assert torch.equal(decoding.logits, other.logits[[3, 0, 3]])
    decoding.advance([10, 11, 12])
    other.advance([11, 5, 5, 10])
    torch.testing.assert_close(decoding.logits[:2], other.logits[[3, 0]], atol=1e-5, rtol=1e-5)
    assert not torch.allclose(decoding.logits[0], decoding.logits[2])


@pytest.mark.parametrize("kind", ["float32", "bfloat16", "int8"])
@pytest.mark.usefixtures("two_threads")
def test_the_loops_give_a_row_the_same_bits_in_any_company(make_model: MakeModel, kind: str) -> None:
    """A vocabulary that no tile divides, and every number of rows that is cut into tiles in another way."""
    model = make_model(ODD, 301)
    model = quantise(model) if kind == "int8" else model.to(getattr(torch, kind))
    step = FastStep(model)
    generator = torch.Generator().manual_seed(1)
    shape = (ODD.n_layers, 7, ODD.kv_heads, 40, ODD.head_width)
    keys, values = (torch.randn(shape, generator=generator).to(model.model.embed_tokens.weight.dtype) for _ in "kv")
    tokens, lengths = [9, 8, 7, 6, 5, 4, 300], [3, 20, 11, 0, 7, 31, 2]

    def last(rows: int) -> torch.Tensor:
        cache = KeyValueCache(ODD, rows, 40, keys.dtype, torch.device("cpu"))
        cache.keys, cache.values, cache.lengths = keys[:, -rows:].clone(), values[:, -rows:].clone(), lengths[-rows:]
        return step(tokens[-rows:], cache)

    together = last(7)
    for rows in range(1, 7):
        assert torch.equal(last(rows), together[-rows:])


def test_one_setting_of_threads_is_for_pytorch_and_the_loops() -> None:
    """In a process of its own: Numba starts its threads once, and sets PyTorch's as it does."""
    script = (
        "import numba, torch\n"
        "from fidan.generation.fast_step import FastStep\n"
        "from fidan.model.config import ModelConfig\n"
        "from fidan.model.decoder import Decoder\n"
        "FastStep(Decoder(ModelConfig(d_model=32, n_layers=1, n_heads=2, d_ff=32, context=16), 40))\n"
        "numba.set_num_threads(1)\n"  # as every step does
        "print(torch.get_num_threads(), numba.config.NUMBA_NUM_THREADS)"
    )
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "2"}
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment)
    assert ran.stdout.split() == ["1", "2"]


def test_prompts_beyond_one_pass_are_read_in_parts(make_model: MakeModel, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = TorchEngine(make_model())
    prompts = [[1, 2, 3], [4, 5, 6], [7, 8, 9], [1, 5]]
    whole = engine.open(prompts, 1).logits
    monkeypatch.setattr("fidan.generation.engine.PROMPT_POSITIONS", 7)
    torch.testing.assert_close(engine.open(prompts, 1).logits, whole, atol=1e-5, rtol=1e-5)


@pytest.mark.usefixtures("two_threads")
def test_bf16_loops_are_as_near_to_fp32_as_torch_is(make_model: MakeModel) -> None:
    exact = make_model().to(torch.bfloat16).float()
    half = make_model().to(torch.bfloat16)
    _, expected = texts_and_logits(TorchEngine(exact).open(PROMPTS, 9), 9)
    _, torchs = texts_and_logits(TorchEngine(half).open(PROMPTS, 9), 9)
    _, ours = texts_and_logits(engine_of(half, "loops").open(PROMPTS, 9), 9)

    def error(found: list[torch.Tensor]) -> float:
        return float((torch.stack(found) - torch.stack(expected)).abs().mean())

    assert error(ours) < 1.2 * error(torchs)


@pytest.mark.parametrize("config", [GROUPED, TIED], ids=["grouped", "tied"])  # widths of 64 and 96; of 48 and 80
@pytest.mark.parametrize("rows", [1, 2, 4, 7])
@pytest.mark.usefixtures("two_threads")
def test_int8_loops_compute_what_the_int8_layers_do(make_model: MakeModel, config: ModelConfig, rows: int) -> None:
    model = quantise(make_model(config))
    prompts = (2 * PROMPTS)[:rows]
    fast, plain = engine_of(model, "loops").open(prompts, 5), TorchEngine(model).open(prompts, 5)
    for step in range(5):
        fast.advance([step + 2] * rows)
        plain.advance([step + 2] * rows)
        torch.testing.assert_close(fast.logits, plain.logits, atol=5e-3, rtol=0)  # inputs rounded to 16 bits


def test_int8_rounds_to_the_nearest_of_127_steps_and_its_scales_stay_fp32() -> None:
    weight = torch.tensor([[1.27, -0.5, 0.004], [0.0, 0.0, 0.0]])
    layer = Int8Linear(weight).to(torch.bfloat16)
    assert layer.values.tolist() == [[127, -50, 0], [0, 0, 0]]
    assert layer.scale.dtype == torch.float32
    assert layer.scale.tolist() == pytest.approx([0.01, 1.0])


def test_whole_number_sums_do_not_overflow() -> None:
    """The worst case: every weight and every input at its largest, for one row and for four together."""
    config = ModelConfig(d_model=32, n_layers=1, n_heads=2, d_ff=8192, context=16)
    model = Decoder(config, 40).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(0.05)
    model = quantise(model)
    fast, plain = engine_of(model, "loops").open([[1]] * 5, 2), TorchEngine(model).open([[1]] * 5, 2)
    fast.advance([3] * 5)
    plain.advance([3] * 5)
    torch.testing.assert_close(fast.logits, plain.logits, rtol=1e-3, atol=0)


@pytest.mark.parametrize("poison", [float("nan"), float("inf")])
def test_the_loops_do_not_hide_numbers_that_are_none(make_model: MakeModel, poison: float) -> None:
    model = make_model()
    with torch.no_grad():
        model.model.layers[1].mlp.down_proj.weight[3, 5] = poison
    decoding = engine_of(model, "loops").open([[1, 2]], 2)
    decoding.advance([3])
    assert not torch.isfinite(decoding.logits).all()


def test_a_step_on_fixed_memory_computes_the_same(make_model: MakeModel) -> None:
    model = make_model()

    def fixed(tokens: list[int], cache: KeyValueCache) -> torch.Tensor:
        step = FixedStep(model, cache)
        step.set(tokens)
        logits = step.run()
        cache.extend()
        return logits

    _, found = texts_and_logits(TorchEngine(model, fixed).open(PROMPTS, 9), 9)
    _, expected = texts_and_logits(TorchEngine(model).open(PROMPTS, 9), 9)
    torch.testing.assert_close(torch.stack(found), torch.stack(expected), atol=1e-5, rtol=1e-5)


def test_where_no_graph_can_be_recorded_it_is_said_and_the_text_is_right(make_model: MakeModel) -> None:
    model, said = make_model(), []
    graphs = TorchEngine(model, GraphStep(model, said.append))  # on a CPU there are none
    _, found = texts_and_logits(graphs.open(PROMPTS, 4), 4)
    _, expected = texts_and_logits(TorchEngine(model).open(PROMPTS, 4), 4)
    assert torch.equal(torch.stack(found), torch.stack(expected))
    assert len(said) == 1
    assert said[0].startswith("decoding without a CUDA graph")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_graph_gives_the_same_logits(make_model: MakeModel) -> None:
    model, said = make_model().cuda(), []
    _, found = texts_and_logits(TorchEngine(model, GraphStep(model, said.append)).open(PROMPTS, 9), 9)
    _, expected = texts_and_logits(TorchEngine(model).open(PROMPTS, 9), 9)
    assert not said
    torch.testing.assert_close(torch.stack(found), torch.stack(expected), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("width", [1, 15, 16, 31, 32, 33, 200])
@pytest.mark.parametrize("features", [None, "-avx512bw", "-avx512bw,-avx2"])
def test_four_products_of_whole_numbers(width: int, features: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the processor's instruction for 512 bits, for 256, and without one."""
    host = dict(llvmlite.binding.get_host_cpu_features())
    for name in (features or "").replace("-", "").split(","):
        host[name] = False
    monkeypatch.setattr(llvmlite.binding, "get_host_cpu_features", lambda: host)
    draws = np.random.default_rng(width)
    row = draws.integers(-127, 128, width).astype(np.int8)
    inputs = draws.integers(-5000, 5001, (4, width)).astype(np.int16)
    found = njit(lambda w, x: dot_four_whole(w, x[0], x[1], x[2], x[3]))(row, inputs)
    assert list(found) == (inputs.astype(np.int64) @ row).tolist()
