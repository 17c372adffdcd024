"""A foreign checkpoint becomes a folder with the same logits: every family of names, wrapper, shape and format.

The model it is held against is written here from the definition, as scripts that follow Meta's write it: rotary
positions as complex numbers on neighbouring coordinates, its own norm, feed-forward and grouped attention.
"""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import AutoModelForCausalLM, AutoTokenizer

from fidan.export.foreign.importing import Imported, import_checkpoint
from fidan.export.foreign.settings import ForeignOptions
from fidan.stages import Run
from fidan.trained import open_trained
from tests.preloaded import fidan

CPU = torch.device("cpu")
WIDTH, THETA, EPS = 16, 50_000.0, 3e-5
TOKENS = torch.arange(2 * 40).reshape(2, 40) * 9 % 800


@dataclass(frozen=True)
class Shape:
    heads: int = 4
    kv_heads: int = 4
    tied: bool = False
    layers: int = 3
    width: int = WIDTH
    d_ff: int = 88
    context: int = 64


def turned(x: Tensor, freqs_cis: Tensor) -> Tensor:
    """(B, T, H, K), neighbouring coordinates as one complex number."""
    as_complex = torch.view_as_complex(x.unflatten(-1, (-1, 2)))
    return torch.view_as_real(as_complex * freqs_cis[None, : x.shape[1], None]).flatten(-2)


class MetaNorm(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(1 + 0.3 * torch.randn(dim))

    def forward(self, x: Tensor) -> Tensor:
        return x / (x.pow(2).mean(-1, keepdim=True) + EPS).sqrt() * self.weight


class MetaAttention(nn.Module):
    def __init__(self, shape: Shape, dim: int) -> None:
        super().__init__()
        self.shape = shape
        self.wq = nn.Linear(dim, shape.heads * shape.width, bias=False)
        self.wk = nn.Linear(dim, shape.kv_heads * shape.width, bias=False)
        self.wv = nn.Linear(dim, shape.kv_heads * shape.width, bias=False)
        self.wo = nn.Linear(shape.heads * shape.width, dim, bias=False)

    def forward(self, x: Tensor, freqs_cis: Tensor) -> Tensor:
        q, k, v = (w(x).unflatten(-1, (-1, self.shape.width)) for w in (self.wq, self.wk, self.wv))
        repeats = self.shape.heads // self.shape.kv_heads
        k, v = turned(k, freqs_cis).repeat_interleave(repeats, 2), v.repeat_interleave(repeats, 2)
        scores = torch.einsum("bthk,bshk->bhts", turned(q, freqs_cis), k) / self.shape.width**0.5
        scores = scores.masked_fill(torch.ones(x.shape[1], x.shape[1]).triu(1).bool(), float("-inf"))
        return self.wo(torch.einsum("bhts,bshk->bthk", scores.softmax(-1), v).flatten(2))


class MetaFeedForward(nn.Module):
    def __init__(self, shape: Shape, dim: int) -> None:
        super().__init__()
        self.w1 = nn.Linear(dim, shape.d_ff, bias=False)
        self.w2 = nn.Linear(shape.d_ff, dim, bias=False)
        self.w3 = nn.Linear(dim, shape.d_ff, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.w2(F.silu(self.w1(x)) * self.w3(x))


class MetaBlock(nn.Module):
    def __init__(self, shape: Shape, dim: int) -> None:
        super().__init__()
        self.attention, self.feed_forward = MetaAttention(shape, dim), MetaFeedForward(shape, dim)
        self.attention_norm, self.ffn_norm = MetaNorm(dim), MetaNorm(dim)

    def forward(self, x: Tensor, freqs_cis: Tensor) -> Tensor:
        x = x + self.attention(self.attention_norm(x), freqs_cis)
        return x + self.feed_forward(self.ffn_norm(x))


class MetaModel(nn.Module):
    """LLaMA with Meta's names; its weights are lively, so that a mistake shows."""

    def __init__(self, shape: Shape, vocabulary: int = 800) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.shape, dim = shape, 64
        self.tok_embeddings = nn.Embedding(vocabulary, dim)
        self.layers = nn.ModuleList(MetaBlock(shape, dim) for _ in range(shape.layers))
        self.norm = MetaNorm(dim)
        self.output = nn.Linear(dim, vocabulary, bias=False)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.8 / module.in_features**0.5)
        if shape.tied:
            nn.init.normal_(self.tok_embeddings.weight, std=0.1)
            self.output.weight = self.tok_embeddings.weight
        frequencies = THETA ** -(torch.arange(0, shape.width, 2) / shape.width)
        angles = torch.outer(torch.arange(2.0 * shape.context), frequencies)
        self.freqs_cis = torch.polar(torch.ones_like(angles), angles)

    @torch.inference_mode()
    def forward(self, tokens: Tensor) -> Tensor:
        x = self.tok_embeddings(tokens)
        for layer in self.layers:
            x = layer(x, self.freqs_cis)
        return self.output(self.norm(x))

    def params(self) -> dict[str, Any]:
        """As in Meta's params.json."""
        return {
            "dim": 64, "n_layers": self.shape.layers, "n_heads": self.shape.heads, "n_kv_heads": self.shape.kv_heads,
            "norm_eps": EPS, "rope_theta": THETA, "max_seq_len": self.shape.context, "vocab_size": -1,
        }  # fmt: skip


HF = {
    "tok_embeddings": "model.embed_tokens", "output": "lm_head", "norm": "model.norm",
    "attention.wq": "self_attn.q_proj", "attention.wk": "self_attn.k_proj",
    "attention.wv": "self_attn.v_proj", "attention.wo": "self_attn.o_proj",
    "feed_forward.w1": "mlp.gate_proj", "feed_forward.w2": "mlp.down_proj", "feed_forward.w3": "mlp.up_proj",
    "attention_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
}  # fmt: skip


def half_split_rows(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same model for a rotation of halves: the permutation spelt out, row by row."""
    half = WIDTH // 2
    within = [2 * (place % half) + place // half for place in range(WIDTH)]
    return {
        name: t[[head * WIDTH + place for head in range(len(t) // WIDTH) for place in within]]
        if name.endswith(("wq.weight", "wk.weight"))
        else t
        for name, t in state.items()
    }


def renamed(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Under Hugging Face's names, which are ours."""
    found = {}
    for name, tensor in state.items():
        stem = name.removesuffix(".weight")
        if stem.startswith("layers."):
            _, number, rest = stem.split(".", 2)
            found[f"model.layers.{number}.{HF[rest]}.weight"] = tensor
        else:
            found[f"{HF[stem]}.weight"] = tensor
    return found


def hugging_face_state(model: MetaModel) -> dict[str, Tensor]:
    """The same model as Transformers would have saved it."""
    return renamed(half_split_rows(model.state_dict()))


@dataclass
class Listener:
    """A reporter that remembers."""

    lines: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.lines.append(text)

    def task(self, *_: Any) -> Any:
        raise AssertionError("an import has no bar")


Import = Callable[..., tuple[Path, Imported, str]]


@pytest.fixture
def bring(tiny_run: Run, tmp_path: Path) -> Import:
    """Saves something as a file and imports it: the folder, what was made, what was said."""

    def run(content: Any, **options: Any) -> tuple[Path, Imported, str]:
        file, out, listener = tmp_path / "bes_model.pt", tmp_path / "imported", Listener()
        torch.save(content, file)
        made = import_checkpoint(file, out, tiny_run.folder("tokenizer"), ForeignOptions(**options), listener)
        assert {path.name for path in tmp_path.iterdir()} == {"bes_model.pt", "imported"}
        return out, made, "\n".join(listener.lines)

    return run


def apart(folder: Path, expected: Tensor) -> float:
    """The largest difference of logits: Transformers', and ours, on the folder in fp32."""
    assert expected.std() > 0.5, "the weights are too tame to tell a mistake"
    theirs = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    with torch.inference_mode():
        found = [theirs(TOKENS).logits, open_trained(folder, CPU).model(TOKENS)]
    difference = max(float((logits - expected).abs().max()) for logits in found)
    print(f"max |Δlogit| {difference:.2e}")
    return difference


SHAPES = {
    "plain": Shape(),
    "grouped keys and values": Shape(kv_heads=2),
    "one key/value head": Shape(kv_heads=1),
    "tied": Shape(tied=True),
    "heads wider than the model": Shape(heads=8, kv_heads=2),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_a_model_in_metas_way_keeps_its_logits(bring: Import, shape: Shape) -> None:
    model = MetaModel(shape)
    folder, made, said = bring({"model": model.state_dict(), "params": model.params(), "step": 7, "optimizer": {}})
    assert apart(folder, model(TOKENS)) <= 1e-5
    assert made.config.n_heads == shape.heads
    assert made.config.kv_heads == shape.kv_heads
    assert (made.config.rope_theta, made.config.norm_eps, made.config.context) == (THETA, EPS, 64)
    assert made.config.tie_embeddings == shape.tied
    assert ("lm_head.weight" in load_file(folder / "model.safetensors")) is not shape.tied
    assert made.verification.max_logit_difference <= 1e-5
    assert "assumed: interleaved rotary positions" in said
    assert "left out, since they are no weights of the model: optimizer" in said


@pytest.mark.parametrize("shape", [Shape(), Shape(kv_heads=2, tied=True)])
def test_names_of_hugging_face_and_of_this_package(bring: Import, shape: Shape) -> None:
    model = MetaModel(shape)
    settings = {"num_attention_heads": shape.heads, "rope_theta": THETA, "rms_norm_eps": EPS, "hidden_size": 64}
    folder, made, said = bring({"state_dict": hugging_face_state(model), "config": settings})
    assert apart(folder, model(TOKENS)) <= 1e-5
    assert "assumed: half-split rotary positions" in said
    assert made.config.context == 2048
    assert "assumed: context = 2,048, which the file does not say; --context sets it" in said


def test_a_checkpoint_of_a_training_script(bring: Import) -> None:
    """As llama2.c and nanoGPT save theirs: compiled names, two tables of settings, an optimizer with tensors."""
    model = MetaModel(Shape(kv_heads=2))
    optimizer = torch.optim.AdamW(model.parameters())
    model.tok_embeddings.weight.grad = torch.zeros_like(model.tok_embeddings.weight)
    optimizer.step()
    arguments = {"dim": 64, "n_layers": 3, "n_heads": 4, "n_kv_heads": 2, "vocab_size": 800, "max_seq_len": 64}
    content = {
        "model": {f"_orig_mod.{name}": tensor for name, tensor in model.state_dict().items()},
        "optimizer": optimizer.state_dict(),
        "model_args": {**arguments, "multiple_of": 32, "dropout": 0.0},
        "iter_num": 9,
        "best_val_loss": torch.tensor(3.2),
        "config": {**arguments, "device": "cuda", "dtype": "bfloat16", "bias": False, "batch_size": 8},
    }
    folder, made, said = bring(content, rope_theta=THETA, norm_eps=EPS)
    assert apart(folder, model(TOKENS)) <= 1e-5
    assert (made.config.context, made.dtype) == (64, "float32")
    assert "left out, since they are no weights of the model: optimizer, best_val_loss" in said


def test_weights_of_our_own_training(tiny_run: Run, tmp_path: Path) -> None:
    weights, tokenizer = tiny_run.folder("train") / "model.safetensors", tiny_run.folder("tokenizer")
    options = ForeignOptions(heads=4, context=64)
    import_checkpoint(weights, tmp_path / "out", tokenizer, options, Listener())
    with torch.inference_mode():
        logits = [open_trained(folder, CPU).model(TOKENS) for folder in (tiny_run.out, tmp_path / "out")]
    assert torch.equal(*logits)


OPTIONS = {"heads": 4, "rope_theta": THETA, "norm_eps": EPS, "context": 64}


PREFIXES = ("", "module.", "_orig_mod.", "model.", "module._orig_mod.model.")
WRAPPERS = ("state_dict", "model", "model_state_dict", "module", "weights")


@pytest.mark.parametrize(
    ("prefix", "wrapper"), [*((prefix, None) for prefix in PREFIXES), *(("module.", wrapper) for wrapper in WRAPPERS)]
)
def test_prefixes_and_wrappers(bring: Import, prefix: str, wrapper: str | None) -> None:
    model = MetaModel(Shape(kv_heads=2, layers=1))
    state = {f"{prefix}{name}": tensor for name, tensor in model.state_dict().items()}
    folder, _, said = bring({wrapper: state} if wrapper else state, **OPTIONS)
    assert apart(folder, model(TOKENS)) <= 1e-5
    assert "assumed: head width" not in said


def test_wrappers_between_the_parts_of_a_name(bring: Import) -> None:
    model = MetaModel(Shape(layers=1))
    state = {name.replace("layers.0.", "layers.0._orig_mod."): value for name, value in model.state_dict().items()}
    folder, _, _ = bring({"module": {"state_dict": state}}, **OPTIONS)
    assert apart(folder, model(TOKENS)) <= 1e-5


@pytest.mark.parametrize("names", ["meta", "hugging face"])
@pytest.mark.parametrize("rope", ["interleaved", "half-split"])
def test_the_layout_may_be_said(bring: Import, names: str, rope: str) -> None:
    """Names of one custom with the other's rotation: what was said decides."""
    model = MetaModel(Shape(kv_heads=2, layers=2))
    state = model.state_dict()
    if rope == "half-split":
        state = half_split_rows(state)
    if names == "hugging face":
        state = renamed(state)
    folder, _, said = bring(state, **OPTIONS, rope=rope)
    assert apart(folder, model(TOKENS)) <= 1e-5
    assert "rotary" not in said


def test_what_a_file_does_not_say_is_assumed_aloud(bring: Import) -> None:
    model = MetaModel(Shape(width=64, heads=2, kv_heads=1))
    _, made, said = bring(model.state_dict())
    assert (made.config.head_width, made.config.n_heads, made.config.kv_heads) == (64, 2, 1)
    assert (made.config.rope_theta, made.config.norm_eps, made.config.context) == (10_000.0, 1e-5, 2048)
    for told in ("head width = 64", "rope_theta = 10,000", "norm_eps = 1e-05", "context = 2,048"):
        assert f"assumed: {told}, which the file does not say" in said


def buffers(model: MetaModel) -> dict[str, dict[str, Tensor]]:
    frequencies = THETA ** -(torch.arange(0, WIDTH, 2) / WIDTH)
    return {
        "complex": {"freqs_cis": model.freqs_cis},
        "real": {"freqs_cis": torch.view_as_real(model.freqs_cis)},
        "frequencies": {"rope.freqs": frequencies},
        "frequencies in half precision": {"rope.freqs": frequencies.bfloat16()},
        "in every layer": {f"layers.{i}.attention.inner_attention.rope.freqs": frequencies for i in range(3)},
    }


@pytest.mark.parametrize(
    "kind", ["complex", "real", "frequencies", "frequencies in half precision", "in every layer"]
)
def test_buffers_tell_width_and_theta(bring: Import, kind: str) -> None:
    model = MetaModel(Shape(kv_heads=2))
    mask = torch.full((1, 1, 128, 128), float("-inf")).triu(1)
    state = {**model.state_dict(), **buffers(model)[kind], "mask": mask}
    folder, made, said = bring(state, norm_eps=EPS)
    assert (made.config.head_width, made.config.rope_theta, made.config.context) == (WIDTH, THETA, 128)
    assert apart(folder, model(TOKENS)) <= 1e-5
    assert "computed anew, not copied: " in said
    assert "mask" in said


def test_tables_of_cosines_tell_width_and_layout(bring: Import) -> None:
    model = MetaModel(Shape())
    twice = torch.cat((model.freqs_cis, model.freqs_cis), dim=1)
    tables = {"rotary.cos_cached": twice.real[None, None], "rotary.sin_cached": twice.imag[None, None]}
    folder, made, said = bring({**hugging_face_state(model), **tables}, rope_theta=THETA, norm_eps=EPS)
    assert made.config.head_width == WIDTH
    assert apart(folder, model(TOKENS)) <= 1e-5
    assert "assumed: half-split" not in said


def test_the_old_inv_freq_of_transformers(bring: Import) -> None:
    model = MetaModel(Shape())
    inv_freq = THETA ** -(torch.arange(0, WIDTH, 2) / WIDTH)
    more = {f"model.layers.{i}.self_attn.rotary_emb.inv_freq": inv_freq for i in range(3)}
    folder, made, _ = bring({**hugging_face_state(model), **more}, norm_eps=EPS, context=64)
    assert (made.config.head_width, made.config.rope_theta) == (WIDTH, THETA)
    assert apart(folder, model(TOKENS)) <= 1e-5


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_narrow_formats_stay_or_become_what_is_asked(bring: Import, dtype: torch.dtype) -> None:
    model = MetaModel(Shape(kv_heads=2)).to(dtype)
    state = model.state_dict()
    folder, made, said = bring(state, **OPTIONS)
    assert {t.dtype for t in load_file(folder / "model.safetensors").values()} == {dtype}
    assert made.dtype == str(dtype).removeprefix("torch.")
    assert "written as" not in said
    assert apart(folder, model.float()(TOKENS)) <= 1e-5  # the same rounded weights, computed in fp32


def test_another_format_is_said(bring: Import) -> None:
    state = MetaModel(Shape(layers=1)).state_dict()
    state["norm.weight"] = state["norm.weight"].double()
    folder, made, said = bring(state, **OPTIONS, dtype="bfloat16")
    assert made.dtype == "bfloat16"
    assert "written as bfloat16; the file has torch.float32, torch.float64" in said
    assert {t.dtype for t in load_file(folder / "model.safetensors").values()} == {torch.bfloat16}


def test_equal_matrices_are_one_head(bring: Import) -> None:
    model = MetaModel(Shape(tied=True, layers=1))
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    folder, made, said = bring(state, **OPTIONS)
    assert made.config.tie_embeddings
    assert "the head is tied to the embedding: the two matrices are equal" in said
    assert apart(folder, model(TOKENS)) <= 1e-5


def test_without_an_output_matrix_the_head_is_tied(bring: Import) -> None:
    model = MetaModel(Shape(tied=True, layers=1))
    state = model.state_dict()
    del state["output.weight"]
    folder, _, said = bring(state, **OPTIONS)
    assert "there is no output matrix" in said
    assert apart(folder, model(TOKENS)) <= 1e-5


def test_an_embedding_padded_beyond_the_tokenizer(bring: Import) -> None:
    _, made, said = bring(MetaModel(Shape(layers=1), vocabulary=832).state_dict(), **OPTIONS)
    assert made.vocabulary == 832
    assert "32 rows of the embedding stand for no piece" in said


def test_safetensors_and_the_format_before_2020(tiny_run: Run, tmp_path: Path) -> None:
    model = MetaModel(Shape(layers=1))
    save_file(model.state_dict(), tmp_path / "a.safetensors")
    torch.save(model.state_dict(), tmp_path / "b.pt", _use_new_zipfile_serialization=False)
    for name in ("a.safetensors", "b.pt"):
        out = tmp_path / f"{name}.out"
        out.mkdir()  # an empty folder may be there
        tokenizer = tiny_run.folder("tokenizer") / "tokenizer.model"
        import_checkpoint(tmp_path / name, out, tokenizer, ForeignOptions(**OPTIONS), Listener())
        assert apart(out, model(TOKENS)) <= 1e-5


SNIPPET = """
import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

cfg = AutoConfig.from_pretrained("./config_dir_or_dict")
model = AutoModelForCausalLM.from_config(cfg)
state = torch.load("bes_model.pt", map_location="cpu")
model.load_state_dict(state, strict=False)
model.save_pretrained("./turkish_llm_134M_cc100", safe_serialization=True)
"""


@pytest.mark.parametrize("shape", [Shape(kv_heads=2), Shape(tied=True)])
def test_the_usual_conversion_by_hand_agrees_with_the_folder(bring: Import, tmp_path: Path, shape: Shape) -> None:
    """The lines people write for this run on our folder's config as they are; only the paths are others."""
    model = MetaModel(shape)
    folder, _, _ = bring(hugging_face_state(model), **OPTIONS)
    other = tmp_path / "by_hand"
    paths = {
        "./config_dir_or_dict": folder, "bes_model.pt": tmp_path / "bes_model.pt", "./turkish_llm_134M_cc100": other,
    }  # fmt: skip
    code = SNIPPET
    for written, real in paths.items():
        code = code.replace(f'"{written}"', repr(str(real)))
    exec(code, {})  # noqa: S102
    AutoTokenizer.from_pretrained(folder).save_pretrained(other)
    theirs = [AutoModelForCausalLM.from_pretrained(path).eval() for path in (folder, other)]
    with torch.inference_mode():
        ours, by_hand = (found(TOKENS).logits for found in theirs)
    assert torch.equal(ours, by_hand)
    assert float((ours - model(TOKENS)).abs().max()) <= 1e-5


def test_the_command(tiny_run: Run, tmp_path: Path) -> None:
    model = MetaModel(Shape(layers=1))
    torch.save({"model": model.state_dict(), "params": model.params()}, tmp_path / "m.pt")

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        return fidan("import-pt", "m.pt", "--out", "new/folder", *more, folder=tmp_path)

    named = run()
    assert named.returncode == 2
    assert "Missing option '--tokenizer'" in named.stderr
    refused = run("--tokenizer", str(tiny_run.folder("tokenizer")), "--heads", "2")
    assert refused.returncode == 1
    assert "--heads = 2 (of 64 rows) says 32 but params n_heads = 4 (of 64 rows) says 16" in refused.stderr
    assert not (tmp_path / "new").exists()
    made = run("--tokenizer", str(tiny_run.folder("tokenizer")), "--dtype", "bfloat16")
    assert made.returncode == 0, made.stderr
    assert "new/folder: " in made.stdout
    assert "Transformers gives the same ids" in made.stdout
    assert open_trained(tmp_path / "new" / "folder", CPU).model.config.n_layers == 1
