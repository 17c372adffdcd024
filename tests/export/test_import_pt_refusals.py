"""What `fidan import-pt` refuses: by name, with the reason, running nothing and leaving nothing behind."""

import collections
import io
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from fidan.errors import ArtifactMismatch, FidanError, SourceError
from fidan.export.foreign.file import open_foreign
from fidan.export.foreign.importing import import_checkpoint
from fidan.export.foreign.settings import ForeignOptions
from fidan.export.proof.verify import ExportError
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.progress import SilentReporter
from fidan.stages import Run

SHAPE = ModelConfig(d_model=32, n_layers=2, n_heads=4, n_kv_heads=2, d_ff=48, context=64)
OPTIONS = {"heads": 4, "rope_theta": 10_000.0, "norm_eps": 1e-5, "context": 64, "rope": "half-split"}
Q = "model.layers.1.self_attn.q_proj.weight"


@pytest.fixture
def state() -> dict[str, Tensor]:
    torch.manual_seed(0)
    return dict(Decoder(SHAPE, 800).state_dict())


@pytest.fixture
def refused(tiny_run: Run, tmp_path: Path) -> Callable[..., str]:
    """Imports something that must fail; the message."""

    def run(content: Any, kind: type[FidanError] = ArtifactMismatch, **options: Any) -> str:
        file = tmp_path / "m.pt"
        torch.save(content, file)
        with pytest.raises(kind) as caught:
            import_checkpoint(
                file,
                tmp_path / "out",
                tiny_run.folder("tokenizer"),
                ForeignOptions(**(OPTIONS | options)),
                SilentReporter(),
            )
        assert [path.name for path in tmp_path.iterdir()] == ["m.pt"]
        assert str(file) in str(caught.value)
        return str(caught.value)

    return run


# --- files ---------------------------------------------------------------------------------------------------------


class Hostile:
    """A pickle that makes a file when it is opened."""

    def __init__(self, sign: Path) -> None:
        self.sign = sign

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.sign),)


def as_zip(content: Any, path: Path) -> None:
    torch.save(content, path)


def before_2020(content: Any, path: Path) -> None:
    torch.save(content, path, _use_new_zipfile_serialization=False)


def plain_pickle(content: Any, path: Path) -> None:
    path.write_bytes(pickle.dumps(content, protocol=2))


@pytest.mark.parametrize("save", [as_zip, before_2020, plain_pickle])
def test_a_hostile_pickle_is_refused_and_not_run(tmp_path: Path, state: dict[str, Tensor], save: Any) -> None:
    sign, file = tmp_path / "it ran", tmp_path / "m.pt"
    save({"model": {} if save is plain_pickle else state, "args": Hostile(sign)}, file)
    with pytest.raises(SourceError, match=r"asks Python for \w+\.mkdir .* nothing was run") as caught:
        open_foreign(file)
    assert "Re-running" not in str(caught.value)
    assert not sign.exists()
    # The bait is live: what was refused would have run.
    pickle.loads(file.read_bytes()) if save is plain_pickle else torch.load(file, weights_only=False)
    assert sign.exists()


def test_a_whole_module_is_refused_with_the_way_out(tmp_path: Path) -> None:
    torch.save(nn.Linear(2, 2), tmp_path / "m.pt")
    with pytest.raises(SourceError, match=r"torch.nn.modules.linear.Linear.*save model.state_dict\(\)"):
        open_foreign(tmp_path / "m.pt")


def test_a_program_is_refused_without_torchs_advice_to_run_it(tmp_path: Path) -> None:
    torch.jit.save(torch.jit.script(nn.Linear(2, 2)), tmp_path / "m.pt")
    with pytest.raises(SourceError, match=r"TorchScript.*Nothing in it was run") as caught:
        open_foreign(tmp_path / "m.pt")
    assert "Re-running" not in str(caught.value)


def test_files_that_are_no_checkpoint(tmp_path: Path, state: dict[str, Tensor]) -> None:
    file, whole = tmp_path / "m.pt", io.BytesIO()
    with pytest.raises(SourceError, match="no such file"):
        open_foreign(file)
    with pytest.raises(SourceError, match="no such file"):
        open_foreign(tmp_path)
    torch.save(state, whole)
    save_file({"a": torch.ones(2)}, tmp_path / "whole.safetensors")
    old = io.BytesIO()
    torch.save(state, old, _use_new_zipfile_serialization=False)
    cases = {
        b"": "empty",
        b"Merhaba, ben bir model de\xc4\x9filim": "neither a PyTorch checkpoint nor safetensors",
        b"\x80\x02garbage that is no pickle": "cannot be opened",
        pickle.dumps({"a": 1}, protocol=4): "or a pickle that torch.save did not make",
        whole.getvalue()[: len(whole.getvalue()) // 2]: "truncated",
        whole.getvalue()[:-30]: "truncated",
        old.getvalue()[: len(old.getvalue()) // 2]: "cannot be opened",
        (tmp_path / "whole.safetensors").read_bytes()[:-4]: "cannot be read as safetensors",
    }
    for content, message in cases.items():
        file.write_bytes(content)
        with pytest.raises(FidanError, match=message):
            open_foreign(file)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "a letter")
    with pytest.raises(SourceError, match="cannot be opened"):
        open_foreign(file)


def test_a_record_cut_out_of_the_middle(tmp_path: Path, state: dict[str, Tensor]) -> None:
    torch.save(state, tmp_path / "whole.pt")
    with zipfile.ZipFile(tmp_path / "whole.pt") as whole, zipfile.ZipFile(tmp_path / "m.pt", "w") as cut:
        for name in whole.namelist():
            if not name.endswith("data/3"):
                cut.writestr(name, whole.read(name))
    with pytest.raises(SourceError, match="cannot be opened"):
        open_foreign(tmp_path / "m.pt")


def test_a_table_that_contains_itself(tmp_path: Path) -> None:
    table: dict[str, Any] = {"step": 1}
    table["model"] = table
    torch.save(table, tmp_path / "m.pt")
    with pytest.raises(ArtifactMismatch, match="holds no weights"):
        open_foreign(tmp_path / "m.pt")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([torch.ones(2)], "holds list, not weights"),
        ({}, "holds no weights"),
        ({"epoch": 3, "optimizer": {"state": {}}}, "holds no weights \\(it holds 'epoch', 'optimizer'"),
        ({"model": {"a": torch.ones(1)}, "state_dict": {"a": torch.ones(1)}}, "several sets of weights"),
        ({"a": torch.ones(1), "blocks": {"b": torch.ones(1)}}, "'blocks' is not the name of one tensor"),
        ({0: torch.ones(1)}, "0 is not the name"),
    ],
)
def test_what_holds_no_one_set_of_weights(tmp_path: Path, content: Any, message: str) -> None:
    torch.save(content, tmp_path / "m.pt")
    with pytest.raises(ArtifactMismatch, match=message):
        open_foreign(tmp_path / "m.pt")


# --- tensors -------------------------------------------------------------------------------------------------------


def test_every_tensor_is_used_or_named(state: dict[str, Tensor], refused: Callable[..., str]) -> None:
    assert "model.layers.0.self_attn.rotary_scale is unknown" in refused(
        state | {"model.layers.0.self_attn.rotary_scale": torch.ones(1)}
    )
    assert "model.layers.0.self_attn.q_norm.weight is unknown" in refused(
        state | {"model.layers.0.self_attn.q_norm.weight": torch.ones(8)}
    )
    many = refused(state | {f"extra.{i}": torch.ones(1) for i in range(8)})
    assert "extra.4 is unknown and 3 more" in many


def test_a_bias_is_refused_with_the_reason(state: dict[str, Tensor], refused: Callable[..., str]) -> None:
    message = refused(state | {"model.layers.0.self_attn.q_proj.bias": torch.zeros(32)})
    assert "model.layers.0.self_attn.q_proj.bias is a bias, and the model exported here has none" in message


@pytest.mark.parametrize(
    "name",
    [
        "model.embed_tokens.weight",
        "model.norm.weight",
        "model.layers.0.self_attn.q_proj.weight",
        "model.layers.1.mlp.down_proj.weight",
    ],
)
def test_a_missing_tensor_is_named(state: dict[str, Tensor], refused: Callable[..., str], name: str) -> None:
    del state[name]
    assert f"{name.removeprefix('model.')} is missing" in refused(state)


def test_a_missing_layer_a_double_one_and_no_layer(state: dict[str, Tensor], refused: Callable[..., str]) -> None:
    gap = {name.replace("layers.1.", "layers.2."): t for name, t in state.items()}
    assert "layers.1 is missing, though there is layers.2" in refused(gap)
    assert "module.lm_head.weight and lm_head.weight are both lm_head.weight" in refused(
        {"module.lm_head.weight": state["lm_head.weight"], **state}
    )
    none = {name: t for name, t in state.items() if "layers" not in name}
    assert "must be of one family, Meta or Hugging Face: found none" in refused(none)
    both = state | {"layers.0.attention.wq.weight": state[Q]}
    del both["model.layers.0.self_attn.q_proj.weight"]
    assert "found Hugging Face's (model.layers.0" in refused(both)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_values_that_are_no_numbers(state: dict[str, Tensor], refused: Callable[..., str], value: float) -> None:
    state[Q][3, 3] = value
    assert f"{Q} holds NaN or infinite values" in refused(state)


def test_values_too_large_for_the_format_asked(state: dict[str, Tensor], refused: Callable[..., str]) -> None:
    state[Q][3, 3] = 1e6
    assert f"{Q} holds values too large for torch.float16: choose another --dtype" in refused(state, dtype="float16")


def test_other_kinds_of_tensors(state: dict[str, Tensor], refused: Callable[..., str]) -> None:
    for tensor in (
        state[Q].to(torch.int8), state[Q].to(torch.float8_e4m3fn), state[Q].to(torch.complex64),
        torch.quantize_per_tensor(state[Q], 0.1, 0, torch.qint8),
    ):  # fmt: skip
        assert f"{Q} is of {tensor.dtype}: integer and quantised weights cannot be read" in refused(
            state | {Q: tensor}
        )
    for tensor in (state[Q].to_sparse(), state[Q].to("meta")):
        assert f"{Q} holds no plain values" in refused(state | {Q: tensor})


def test_shapes_that_do_not_fit(state: dict[str, Tensor], refused: Callable[..., str]) -> None:
    assert f"{Q.removeprefix('model.')} is (32, 31), not (32, 32)" in refused(
        state | {Q: torch.ones(32, 31)}
    ).replace("model.layers", "layers")
    assert "model.embed_tokens.weight is (32,), not a matrix" in refused(
        state | {"model.embed_tokens.weight": torch.ones(32)}
    )


# --- settings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_heads": 8}, "head width: --heads = 4 (of 32 rows) says 8 but config n_heads = 8 (of 32 rows) says 4"),
        ({"n_heads": 5}, "config n_heads = 5: the matrix of these heads has 32 rows, no multiple of it"),
        ({"num_key_value_heads": 4}, "config num_key_value_heads = 4 (of 16 rows) says 4"),
        ({"head_dim": 16}, "config head_dim says 16 but --heads = 4 (of 32 rows) says 8"),
        ({"dim": 64}, "d_model: the shape of the tensors says 32 but config dim says 64"),
        ({"n_layer": 3}, "n_layers: the shape of the tensors says 2 but config n_layer says 3"),
        ({"intermediate_size": 49}, "d_ff: the shape of the tensors says 48 but config intermediate_size says 49"),
        ({"vocab_size": 801}, "vocabulary: the shape of the tensors says 800 but config vocab_size says 801"),
        ({"rope_theta": 5e5}, "rope_theta: --rope-theta says 10000.0 but config rope_theta says 500000.0"),
        ({"rope_parameters": {"rope_theta": 5.0}}, "but config rope_parameters rope_theta says 5.0"),
        ({"rms_norm_eps": 1e-6}, "norm_eps: --norm-eps says 1e-05 but config rms_norm_eps says 1e-06"),
        ({"max_seq_len": 32}, "context: --context says 64 but config max_seq_len says 32"),
        ({"model": {"context": 32}}, "context: --context says 64 but config.model context says 32"),
        ({"tie_word_embeddings": True}, "config tie_word_embeddings = True, but lm_head.weight is not"),
        ({"attention_bias": True}, "config: attention_bias = True"),
        ({"rope_scaling": {"type": "linear", "factor": 2}}, "config: rope_scaling = 'linear'"),
        ({"use_scaled_rope": True}, "config: use_scaled_rope = True"),
        ({"hidden_act": "gelu"}, "config: hidden_act = 'gelu'"),
        ({"hidden_size": 32, "model_type": "gemma"}, "config: model_type = 'gemma'"),
        ({"n_heads": "4"}, "config n_heads = '4': must be a size"),
        ({"n_heads": True}, "config n_heads = True: must be a size"),
        ({"n_heads": 0}, "config n_heads = 0: must be a size"),
        ({"norm_eps": float("nan")}, "config norm_eps = nan: must be a positive number"),
        ({"tie_embeddings": 1}, "config tie_embeddings = 1: must be true or false"),
    ],
)
def test_settings_that_contradict(
    state: dict[str, Tensor], refused: Callable[..., str], settings: dict[str, Any], message: str
) -> None:
    assert message in refused({"model": state, "config": settings})


def test_two_tables_of_settings_that_differ(state: dict[str, Tensor], refused: Callable[..., str]) -> None:
    content = {
        "model": state,
        "config": {"n_heads": 4, "context": 64},
        "model_args": {"block_size": 64},
        "n_layers": 9,
    }
    assert "the file n_layers says 9" in refused(content)


def test_an_untied_head_that_is_not_there(state: dict[str, Tensor], refused: Callable[..., str]) -> None:
    del state["lm_head.weight"]
    message = refused({"model": state, "config": {"tie_embeddings": False}})
    assert "lm_head.weight is missing, and config tie_embeddings says it is not the embedding" in message


def test_heads_that_cannot_be(state: dict[str, Tensor], refused: Callable[..., str]) -> None:
    assert "head width = 64: does not divide the 32 rows" in refused(state, heads=None)
    assert "--heads = 3: the matrix of these heads has 32 rows" in refused(state, heads=3)
    assert "--kv-heads = 1 (of 16 rows) says 16" in refused(state, kv_heads=1)
    assert "head width = 1: rotary positions need an even one" in refused(state, heads=32)
    assert "context = 4: must be at least 8" in refused(state, context=4)
    with pytest.raises(ValueError, match="heads = 0: must be positive"):
        ForeignOptions(heads=0)
    parts = ("q_proj.weight", "k_proj.weight", "v_proj.weight")
    wide = {name: torch.ones(24, 32) if name.endswith(parts) else t for name, t in state.items()}
    assert "3 heads of 8 do not divide the model's width 32" in refused(wide, heads=3)


# --- buffers -------------------------------------------------------------------------------------------------------

FREQUENCIES = 10_000.0 ** -(torch.arange(0, 8, 2) / 8)
ANGLES = torch.outer(torch.arange(64.0), FREQUENCIES)


@pytest.mark.parametrize(
    ("buffers", "options", "message"),
    [
        ({"inv_freq": FREQUENCIES[:3]}, {}, "head width: inv_freq says 6 but --heads"),
        ({"inv_freq": FREQUENCIES}, {"rope_theta": 5e5}, "inv_freq: is not the rotary table of rope_theta = 500000"),
        ({"inv_freq": FREQUENCIES.roll(1)}, {"rope_theta": None}, "not powers of one rope_theta"),
        ({"inv_freq": ANGLES}, {}, "inv_freq: (64, 4) of torch.float32 is no rotary table"),
        ({"freqs_cis": torch.ones(3)}, {}, "freqs_cis: (3,) of torch.float32 is no rotary table"),
        ({"freqs_cos": ANGLES.sin()}, {}, "freqs_cos: is not the rotary table of rope_theta = 10000"),
        ({"freqs_sin": ANGLES.cos()}, {}, "freqs_sin: is not the rotary table of rope_theta = 10000"),
        ({"mask": torch.ones(9, 9)}, {}, "mask: (9, 9) of torch.float32 is no causal mask"),
        ({"mask": torch.ones(9, 8).tril()}, {}, "mask: (9, 8) of torch.float32 is no causal mask"),
        ({"mask": torch.ones(9)}, {}, "mask: (9,) of torch.float32 is no causal mask"),
        ({"mask": torch.ones(9, 9).tril().triu(-2)}, {}, "is no causal mask"),  # a window
        (
            {"freqs_cis": torch.polar(torch.ones_like(ANGLES), ANGLES)}, {"rope": None},
            "Hugging Face's names usually go with half-split rotary positions, but freqs_cis with interleaved ones. "
            "Look into the model's code and say --rope",
        ),
        (
            {"cos": ANGLES.cos().repeat_interleave(2, dim=1)}, {},
            "rotary positions: --rope says half-split but cos says interleaved",
        ),
    ],
)  # fmt: skip
def test_buffers_that_contradict(
    state: dict[str, Tensor],
    refused: Callable[..., str],
    buffers: dict[str, Tensor],
    options: dict[str, Any],
    message: str,
) -> None:
    assert message in refused(state | buffers, **options)


# --- tokenizer and folder ------------------------------------------------------------------------------------------


def test_a_tokenizer_that_is_not_the_models(
    state: dict[str, Tensor], tiny_run: Run, tmp_path: Path, refused: Callable[..., str]
) -> None:
    fewer = {
        name: t[:700] if name in ("model.embed_tokens.weight", "lm_head.weight") else t for name, t in state.items()
    }
    assert "the embedding has 700 rows, but the tokenizer 800 pieces" in refused(fewer)
    many = torch.ones(800 + 1024, 32)
    assert "has 1,824 rows" in refused(state | {"model.embed_tokens.weight": many, "lm_head.weight": many * 2})
    file = tmp_path / "m.pt"
    torch.save(state, file)
    (tmp_path / "broken.model").write_bytes(b"no model")
    for tokenizer, message in (
        (tmp_path, "tokenizer.model: no such file"),
        (tmp_path / "broken.model", "not a Sent"),
    ):
        with pytest.raises(FidanError, match=message):
            import_checkpoint(file, tmp_path / "out", tokenizer, ForeignOptions(**OPTIONS), SilentReporter())
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_something_is_left_alone(state: dict[str, Tensor], tiny_run: Run, tmp_path: Path) -> None:
    torch.save(state, tmp_path / "m.pt")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "dear.txt").write_text("keep")
    for out in (tmp_path / "out", tmp_path / "m.pt"):
        with pytest.raises(ArtifactMismatch, match="already holds something"):
            import_checkpoint(
                tmp_path / "m.pt", out, tiny_run.folder("tokenizer"), ForeignOptions(**OPTIONS), SilentReporter()
            )
    assert (tmp_path / "out" / "dear.txt").read_text() == "keep"


@pytest.mark.parametrize("error", [ExportError("differs"), KeyboardInterrupt(), OSError(28, "no space")])
def test_a_failed_proof_leaves_nothing(
    state: dict[str, Tensor], tiny_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fail(folder: Path, *_: object) -> None:
        assert (folder / "model.safetensors").is_file()
        raise error

    monkeypatch.setattr("fidan.export.foreign.importing.verify_folder", fail)
    torch.save(collections.OrderedDict(state), tmp_path / "m.pt")
    with pytest.raises(type(error)):
        import_checkpoint(
            tmp_path / "m.pt",
            tmp_path / "out",
            tiny_run.folder("tokenizer"),
            ForeignOptions(**OPTIONS),
            SilentReporter(),
        )
    assert [path.name for path in tmp_path.iterdir()] == ["m.pt"]
