"""An exported encoder-decoder: Transformers and CTranslate2 load it and agree; what is no such model is refused."""

import contextlib
import io
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from huggingface_hub import ModelCard
from safetensors.torch import load_file, save_file
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer
from typer.testing import CliRunner

import fidan.cli
from fidan.cli.app import app
from fidan.errors import ArtifactMismatch, FidanError
from fidan.export.card.usage import with_repository
from fidan.export.ctranslate2 import Converted, NotInstalled, convert
from fidan.export.gguf import write_gguf
from fidan.export.hugging_face import as_exported, config_from_hugging_face, config_to_hugging_face, write_folder
from fidan.export.ollama import modelfile
from fidan.export.proof.verify import ExportError, verify_folder
from fidan.generation.generate import Written, prompt_ids, write
from fidan.model.config import ModelConfig
from fidan.model.encoder_decoder import EncoderDecoder
from fidan.progress import SilentReporter
from fidan.recipe import ExportConfig, GenerateConfig, Recipe, no_export
from fidan.running import run_all, run_one
from fidan.stages import Run
from fidan.tokenizer.pairs import encode_source
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.trained import locate, open_writer
from fidan.weights import weights_of

assert fidan.cli.main  # the commands are hung on the application

CPU = torch.device("cpu")
SHAPE = ModelConfig(
    d_model=32, n_layers=3, encoder_layers=2, n_heads=4, n_kv_heads=2, head_dim=8, d_ff=48, context=48,
    rope_theta=500.0, norm_place="sandwich", feedforward="geglu", tie_embeddings=True, init_std=0.3,
)  # fmt: skip
CLASSICAL = replace(SHAPE, norm="layernorm", norm_place="pre", feedforward="gelu", positions="sinusoidal")
QUESTIONS = ("Ali", "Bugün hava nasıl olacak?", "Ankara'da  kış:\tsoğuk mu, yoksa ILIK mı geçer? 1923", "ev", "Bir")
END = 3.0  # what the row of </s> is multiplied by
SAMPLING = GenerateConfig(temperature=0.0, repetition_penalty=1.2, max_new_tokens=12)


def lively(tokenizer: Tokenizer, config: ModelConfig = SHAPE) -> EncoderDecoder:
    """Its texts follow the source and end; no gain is below a half, so that none is rounded."""
    torch.manual_seed(0)
    model = EncoderDecoder(config, tokenizer.vocab_size)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.ndim == 1:
                parameter.copy_((0.6 + 0.8 * torch.rand_like(parameter)) * (4 if "cross_attn" in name else 1))
        model.encoder.embed_tokens.weight *= 0.2
        model.lm_head.weight[tokenizer.eos_id] *= END
    return model.eval()


@pytest.fixture(scope="module")
def model(tokenizer: Tokenizer) -> EncoderDecoder:
    return lively(tokenizer)


@pytest.fixture(scope="module")
def exported(model: EncoderDecoder, tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("t5gemma") / "hf"
    write_folder(model, tokenizer, ExportConfig(), SAMPLING, folder)
    return folder


@pytest.fixture
def folder(exported: Path, tmp_path: Path) -> Path:
    return shutil.copytree(exported, tmp_path / "hf")


def answers(folder: Path, config: GenerateConfig) -> list[Written]:
    writer = open_writer(folder, "cpu")
    sources = [prompt_ids(writer.engine, writer.tokenizer, question) for question in QUESTIONS]
    return write(writer.engine, writer.tokenizer, sources, config)


def test_transformers_gives_the_same_logits_of_padded_questions(
    exported: Path, model: EncoderDecoder, tokenizer: Tokenizer
) -> None:
    theirs, report = AutoModelForSeq2SeqLM.from_pretrained(exported, output_loading_info=True)
    assert not any(report.values())
    batch = AutoTokenizer.from_pretrained(exported)(list(QUESTIONS), padding=True, return_tensors="pt")
    texts = torch.randint(tokenizer.vocab_size, (len(QUESTIONS), 40), generator=torch.Generator().manual_seed(1))
    texts[:, 0] = tokenizer.bos_id
    with torch.inference_mode():
        logits = theirs(**batch, decoder_input_ids=texts).logits
        for row, question in enumerate(QUESTIONS):
            source = encode_source(tokenizer, question).ids
            assert batch["input_ids"][row][batch["attention_mask"][row].bool()].tolist() == source
            alone = model(torch.tensor([source]), texts[row : row + 1])[0]
            torch.testing.assert_close(logits[row], alone, atol=1e-4, rtol=0)


def test_the_tokenizer_makes_the_sources_and_targets_of_a_training(exported: Path, tokenizer: Tokenizer) -> None:
    theirs = AutoTokenizer.from_pretrained(exported)
    question, context = "Kira artışı ne kadar?", "  Kira bedeli\nbelirlenir. "
    assert theirs(question, context)["input_ids"] == encode_source(tokenizer, question, context).ids
    assert theirs(text_target="Yüzde on.")["input_ids"] == [*tokenizer.encode("Yüzde on."), tokenizer.eos_id]
    long = encode_source(tokenizer, question * 20, max_source=SHAPE.context)
    assert theirs(question * 20, truncation=True)["input_ids"] == long.ids
    assert theirs.decode(long.ids, skip_special_tokens=True) == tokenizer.decode(long.ids)


@pytest.mark.parametrize("beams", [1, 3])
def test_generate_of_transformers_writes_what_fidan_generate_does(
    exported: Path, tokenizer: Tokenizer, beams: int
) -> None:
    ours = answers(exported, replace(SAMPLING, beams=beams))
    assert len({tuple(one.ids) for one in ours}) == len(QUESTIONS), "they look at their questions"
    assert {one.finish for one in ours} == {"end", "length"}
    theirs, text = AutoModelForSeq2SeqLM.from_pretrained(exported), AutoTokenizer.from_pretrained(exported)
    rows = theirs.generate(**text(list(QUESTIONS), padding=True, return_tensors="pt"), num_beams=beams).tolist()
    for row, one in zip(rows, ours, strict=True):
        end = [tokenizer.eos_id] * (one.finish == "end")
        padding = [tokenizer.pad_id] * (len(row) - 1 - len(one.ids) - len(end))
        assert row == [tokenizer.bos_id, *one.ids, *end, *padding]
        if "\ufffd" not in one.text:  # of bytes that are no UTF-8 each program shows something else
            assert text.decode(row, skip_special_tokens=True) == one.text


def test_ctranslate2_writes_the_same(exported: Path, tokenizer: Tokenizer, tmp_path: Path) -> None:
    ctranslate2 = pytest.importorskip("ctranslate2", reason="CTranslate2 is not installed")
    convert(exported, tmp_path / "ct2")
    ours = answers(exported, replace(SAMPLING, repetition_penalty=1.0))
    text = AutoTokenizer.from_pretrained(tmp_path / "ct2")
    program = ctranslate2.Translator(str(tmp_path / "ct2"), device="cpu", compute_type="float32", intra_threads=1)
    sources = [text.convert_ids_to_tokens(text(question).input_ids) for question in QUESTIONS]
    found = program.translate_batch(sources, beam_size=1, max_decoding_length=12, min_decoding_length=0)
    assert [text.convert_tokens_to_ids(one.hypotheses[0]) for one in found] == [one.ids for one in ours]
    (tmp_path / "ct2" / "model.bin").write_bytes(b"no model")
    with pytest.raises(ArtifactMismatch, match="ct2: CTranslate2 cannot load it"):
        Converted(tmp_path / "ct2")


@pytest.mark.parametrize("tied", [True, False])
def test_the_folder_opens_again_bit_for_bit(tokenizer: Tokenizer, tmp_path: Path, tied: bool) -> None:
    model = lively(tokenizer, replace(SHAPE, tie_embeddings=tied))
    write_folder(model, tokenizer, ExportConfig(), SAMPLING, tmp_path / "hf")
    verify_folder(tmp_path / "hf", model, tokenizer)
    located = locate(tmp_path / "hf")
    opened = located.build(CPU)
    assert replace(located.config, init_std=0.3) == model.config
    assert (located.vocabulary, located.sampling.max_new_tokens) == (tokenizer.vocab_size, 12)
    expected, found = weights_of(model), weights_of(opened)
    assert expected.keys() == found.keys()
    assert all(torch.equal(found[name], tensor) for name, tensor in expected.items())
    with torch.no_grad():
        for parameter in opened.parameters():
            parameter.mul_(0.3)  # a gain below a half is rounded once, and never again
    for name in ("once", "twice"):
        write_folder(opened, tokenizer, ExportConfig(), SAMPLING, tmp_path / name)
        opened = locate(tmp_path / name).build(CPU)
    assert (tmp_path / "once/model.safetensors").read_bytes() == (tmp_path / "twice/model.safetensors").read_bytes()


def test_a_narrow_format_is_the_rounded_model(tokenizer: Tokenizer, tmp_path: Path) -> None:
    model = lively(tokenizer)
    write_folder(model, tokenizer, ExportConfig(dtype="bfloat16"), SAMPLING, tmp_path)
    with pytest.raises(ExportError, match="logits differ"):
        verify_folder(tmp_path, model, tokenizer)
    rounded = as_exported(model, torch.bfloat16)
    assert verify_folder(tmp_path, rounded, tokenizer).max_logit_difference < 1e-4
    opened = weights_of(locate(tmp_path).build(CPU))
    assert all(torch.equal(opened[name], tensor) for name, tensor in weights_of(rounded).items())


def change(file: str, key: str, value: object) -> object:
    def damage(folder: Path) -> None:
        told = json.loads((folder / file).read_text())
        *parents, last = key.split("/")
        table = told
        for parent in parents:
            table = table[parent]
        table[last] = value
        (folder / file).write_text(json.dumps(told))

    return damage


def negate(name: str) -> object:
    def damage(folder: Path) -> None:
        weights = load_file(folder / "model.safetensors")
        weights[name] *= -1
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})

    return damage


def lose_a_norm(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    del weights["model.decoder.layers.1.post_cross_attn_layernorm.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (negate("model.decoder.layers.2.cross_attn.v_proj.weight"), "logits differ"),
        (negate("model.encoder.embed_tokens.weight"), "logits differ"),
        (lose_a_norm, "did not take every weight"),
        (change("config.json", "encoder/rope_parameters", {"rope_type": "default", "rope_theta": 600.0}), "logits"),
        (change("config.json", "decoder/final_logit_softcapping", 30.0), "logits differ"),
        (change("tokenizer.json", "post_processor/single", [{"Sequence": {"id": "A", "type_id": 0}}]), "ids differ"),
    ],
    ids=["weight", "embedding", "norm", "theta", "cap", "no end"],
)
def test_an_export_that_differs_fails(
    folder: Path, model: EncoderDecoder, tokenizer: Tokenizer, damage: object, message: str
) -> None:
    damage(folder)  # type: ignore[operator]
    with pytest.raises(ExportError, match=message):
        verify_folder(folder, model, tokenizer)


def test_a_damaged_folder_is_named(folder: Path, exported: Path) -> None:
    negate("model.encoder.embed_tokens.weight")(folder)  # type: ignore[operator]
    with pytest.raises(ArtifactMismatch, match="source and text have embeddings of their own"):
        locate(folder).build(CPU)
    shutil.copy(exported / "model.safetensors", folder)
    lose_a_norm(folder)
    with pytest.raises(ArtifactMismatch, match=r"missing decoder\.layers\.1\.post_cross_attn_layernorm\.weight"):
        locate(folder).build(CPU)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("decoder/final_logit_softcapping", 30.0, r"\[decoder\]: not supported: final_logit_softcapping"),
        ("encoder/query_pre_attn_scalar", 256, r"\[encoder\]: not supported: query_pre_attn_scalar"),
        ("encoder/layer_types", ["sliding_attention", "full_attention"], "not supported: layer_types"),
        ("decoder/hidden_activation", "relu", "not supported: hidden_activation"),
        ("decoder/attention_bias", True, "not supported: attention_bias"),
        ("encoder/intermediate_size", 64, "encoder and decoder are not of one shape"),
        ("encoder", {}, "head_dim is missing"),
    ],
)
def test_another_t5gemma_is_refused(folder: Path, key: str, value: object, message: str) -> None:
    change("config.json", key, value)(folder)  # type: ignore[operator]
    with pytest.raises(ArtifactMismatch, match=message):
        config_from_hugging_face(json.loads((folder / "config.json").read_text()))


class Listener(SilentReporter):
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)


def test_a_classical_model_trains_but_is_not_exported(
    denoising_recipe: Recipe, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    recipe = replace(denoising_recipe, model=replace(CLASSICAL, context=64))
    reason = "norm = 'layernorm', norm_place = 'pre', positions = 'sinusoidal', which T5Gemma does not have"
    assert no_export(recipe.model).endswith(reason)
    with pytest.raises(FidanError, match=f"export: the model cannot be exported: .*{reason}"):
        run_one("export", Run(recipe, tmp_path / "a", SilentReporter()))
    said = Listener()
    nowhere = replace(
        recipe, corpus=replace(recipe.corpus, sources=(replace(recipe.corpus.sources[0], path="none.txt"),))
    )
    with pytest.raises(FidanError):
        run_all(Run(nowhere, tmp_path / "b", said))
    assert said.said[0].startswith("export: left out (the model cannot be exported: ")
    with pytest.raises(FidanError, match=r"feedforward = 'gelu', .*which T5Gemma does not have"):
        config_to_hugging_face(CLASSICAL, 100, tokenizer, "float32")
    with pytest.raises(ValueError, match=r"\[export\]: .* does not have\. Leave it out"):
        replace(recipe, export=ExportConfig(dtype="bfloat16"))
    assert no_export(replace(SHAPE, n_heads=6, n_kv_heads=2)).endswith("d_model = 32 for n_heads = 6, which T5Gemma "
                                                                        "does not have")  # fmt: skip


def test_what_no_program_runs_is_refused_by_name(
    denoising_recipe: Recipe, tiny_recipe: Recipe, exported: Path, tmp_path: Path
) -> None:
    for export, message in (
        (ExportConfig(gguf=("Q8_0",)), r"export\.gguf: llama\.cpp, and so Ollama, has no such architecture"),
        (ExportConfig(ctranslate2=True), r"takes the embedding for the head\. Set model\.tie_embeddings = true"),
    ):
        untied = replace(denoising_recipe.model, tie_embeddings=False)
        with pytest.raises(ValueError, match=message):
            replace(denoising_recipe, model=untied, export=export)
    with pytest.raises(ValueError, match=r"export\.ctranslate2 = true: is for encoder-decoders"):
        replace(tiny_recipe, export=ExportConfig(ctranslate2=True))
    with pytest.raises(FidanError, match=r"hf: llama\.cpp, and so Ollama, has no such architecture"):
        write_gguf(exported, "F16", tmp_path / "x.gguf")
    with pytest.raises(FidanError, match=r"hf: llama\.cpp, and so Ollama, has no such architecture"):
        modelfile(exported, ".")
    for options in (["--quantize", "Q8_0"], ["--to", "ollama"], ["--to", "gguf"], ["--create", "x"]):
        with pytest.raises(FidanError, match=f"{' '.join(options[:1])}.*: llama.cpp, and so Ollama"):
            call("export", exported, "--out", tmp_path / "new", *options)
    assert not (tmp_path / "new").exists()


def test_a_program_that_is_missing_is_missed_before_anything_runs(
    denoising_recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ctranslate2", None)
    recipe = replace(denoising_recipe, export=ExportConfig(ctranslate2=True))
    with pytest.raises(NotInstalled, match=r"pip install 'fidan\[ctranslate2\]'"):
        run_all(Run(recipe, tmp_path / "run", SilentReporter()))
    assert not (tmp_path / "run" / "corpus").exists()


def call(*arguments: object) -> str:
    result = CliRunner().invoke(app, [*map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_folder_is_exported_verified_and_asked(denoising_run: Run, tmp_path: Path) -> None:
    pytest.importorskip("ctranslate2", reason="CTranslate2 is not installed")
    call("export", denoising_run.out, "--out", tmp_path / "new", "--to", "hugging_face", "--to", "ctranslate2")
    made = {path.name for path in (tmp_path / "new" / "ctranslate2").iterdir()}
    assert {"model.bin", "config.json", "shared_vocabulary.json", "tokenizer.json", "LICENSE", "SHA256SUMS"} <= made
    assert not (tmp_path / "new" / "hugging_face" / "Modelfile").exists()
    report = call("verify", tmp_path / "new", "--fuzz", "20", "--json", tmp_path / "report.json")
    rows = json.loads((tmp_path / "report.json").read_text())["rows"]
    assert {row["verdict"] for row in rows} == {"equal"}, report
    programs = {row["runtime"].split(" ")[0] for row in rows}
    assert {"SentencePiece", "tokenizers", "Transformers", "CTranslate2"} <= programs
    of_run, of_folder = (
        call("generate", "--model", path, "ev ile kira?") for path in (denoising_run.out, tmp_path / "new")
    )
    assert of_run == of_folder


def test_a_difference_in_ctranslate2_is_found(exported: Path, tokenizer: Tokenizer, tmp_path: Path) -> None:
    pytest.importorskip("ctranslate2", reason="CTranslate2 is not installed")
    shutil.copytree(exported, tmp_path / "hugging_face")
    other = lively(tokenizer, replace(SHAPE, rope_theta=600.0))
    write_folder(other, tokenizer, ExportConfig(), SAMPLING, tmp_path / "other")
    convert(tmp_path / "other", tmp_path / "ctranslate2")
    result = CliRunner().invoke(app, ["verify", str(tmp_path), "--fuzz", "0"])
    assert result.exit_code == 1
    assert re.search(r"CTranslate2 [\d.]+, logits: different", result.output), result.output


def test_the_card_tells_of_two_trainings_and_of_answers(denoising_run: Run) -> None:
    folder = denoising_run.folder("export") / "hugging_face"
    card = (folder / "README.md").read_text(encoding="utf-8")
    head = ModelCard(card).data
    assert (head.library_name, head.pipeline_tag, head.tags) == (
        "transformers", "text2text-generation", ["t5gemma", "turkish", "fidan"],
    )  # fmt: skip
    counts = json.loads((denoising_run.folder("evaluate") / "manifest.json").read_text())["counts"]
    told = {result.metric_type: result.metric_value for result in head.eval_results}
    assert told["chrf"] == pytest.approx(counts["chrf"], abs=1e-4)
    for part in (
        "Ön eğitim:",
        "Ardından soru yanıtlamak:",
        "Kendi yazdığı yanıtlar",
        "### CTranslate2",
        "| Yapı | kodlayıcı",
    ):
        assert part in card
    assert not re.search("ollama run|llama-cli|AutoModelForCausalLM|None", card)
    snippet = re.search("```python\n(.*?)\n```", card, re.DOTALL)
    assert snippet
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(with_repository(snippet[1], str(folder)), {})  # noqa: S102
    sample = json.loads((denoising_run.folder("generate") / "samples.json").read_text())[0]
    assert printed.getvalue().strip() == sample["continuation"].strip()
