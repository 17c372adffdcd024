"""The model card: the Hub's own reader takes its head, its figures are the run's, and nothing in it is invented."""

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from huggingface_hub import ModelCard
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from fidan.artifact import MANIFEST, read_json, read_manifest, write_json
from fidan.corpus.config import DecontaminationConfig
from fidan.export.card.evaluation import evaluation
from fidan.export.card.facts import CardFacts, ContaminationFacts, EvaluationFacts, Sample, SourceFacts, TaskFacts
from fidan.export.card.usage import repository_name, with_repository
from fidan.export.card.writing import body, front_matter
from fidan.export.repository import complete_folder
from fidan.model.config import ModelConfig
from fidan.provenance import gather_facts
from fidan.recipe import ExportConfig
from fidan.stages import Run


@pytest.fixture(scope="module")
def facts(tiny_run: Run) -> CardFacts:
    return gather_facts(tiny_run.out, tiny_run.recipe, 800)


@pytest.fixture(scope="module")
def text(tiny_run: Run) -> str:
    return (tiny_run.folder("export") / "hugging_face" / "README.md").read_text(encoding="utf-8")


def written(facts: CardFacts, folder: Path) -> str:
    complete_folder(folder, facts)
    return (folder / "README.md").read_text(encoding="utf-8")


def test_the_hub_reads_the_head(tiny_run: Run, text: str) -> None:
    data = ModelCard(text).data
    assert data.language == ["tr"]
    assert (data.license, data.library_name, data.pipeline_tag) == ("apache-2.0", "transformers", "text-generation")
    assert data.license_name is None
    evaluated = read_manifest(tiny_run.folder("evaluate")).counts
    assert data.eval_results[0].metric_type == "bits_per_byte"
    assert data.eval_results[0].metric_value == pytest.approx(evaluated["bits_per_byte"], abs=1e-4)
    grammar = data.eval_results[2]
    assert (grammar.metric_type, grammar.dataset_type, grammar.dataset_config) == (
        "accuracy",
        "minimal-pairs",
        "fidan",
    )
    assert grammar.metric_value == pytest.approx(evaluated["tasks"][0]["value"], abs=1e-4)
    assert data.metrics == ["bits_per_byte", "perplexity", "accuracy"]
    assert data.model_name == "tiny"


def test_the_figures_are_those_of_the_run(tiny_run: Run, text: str) -> None:
    trained, packed = read_manifest(tiny_run.folder("train")), read_manifest(tiny_run.folder("corpus"))
    counts = trained.counts
    for shown in (
        f"{counts['parameters']:,}".replace(",", "."),
        f"{counts['tokens']:,}".replace(",", "."),
        f"{counts['tokens']:,} tokens",
        f"{counts['steps']}, her biri 8 × 64 token",
        packed.output_hash,
        f"{packed.counts['train']['documents']} belge",
        counts["hardware"],
        f"fidan {trained.package}",
        trained.commit,
        "64 token |",
        "| Tohum | 42 |",
    ):
        assert shown in text, shown
    for sample in read_json(tiny_run.folder("generate") / "samples.json"):
        assert sample["continuation"].splitlines()[0].strip() in text


def test_every_part_is_there_and_in_turkish(text: str) -> None:
    assert re.findall("^## (.*)$", text, re.MULTILINE) == [
        "Model", "Kullanım amacı ve sınırları", "Sorumluluk notu", "Çalıştırma", "Örnek metinler", "Eğitim verisi",
        "Eğitim", "Değerlendirme", "Dosyalar", "Kaynak gösterme", "Lisans",
    ]  # fmt: skip
    assert "**In English.**" in text
    for word in ("önyargıları", "yanlış bilgi", "uygunsuz içerik", "Tıp, hukuk ve finans", "uzman doğrulamadan"):
        assert word in text
    for word in ("Ölçülmeyenler", "yapay metinle eğitildi", "temel modeldir"):
        assert word in text
    assert "None" not in text
    assert "nan" not in text.split("---")[1]


def test_the_python_in_it_runs(tiny_run: Run, text: str) -> None:
    folder = tiny_run.folder("export") / "hugging_face"
    snippet = re.search("```python\n(.*?)\n```", text, re.DOTALL)
    assert snippet
    ran = subprocess.run(
        [sys.executable, "-c", with_repository(snippet[1], str(folder))],
        capture_output=True, text=True, check=False, env={"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("Bugün hava")
    assert "arn" not in ran.stderr, "no warning"


def test_a_bare_model_says_what_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    facts = CardFacts("çıplak model", ModelConfig(), 32_000, ExportConfig())
    text = written(facts, tmp_path)
    assert "**134.105.856 parametreli**" in text
    assert "Neyle eğitildiği bilinmiyor" in text
    assert "Nasıl eğitildiği bilinmiyor" in text
    assert "kaybı ölçülmedi" in text
    assert "Örnek metinler" not in text
    assert "baştan eğitilmiş" not in text
    assert not (tmp_path / "recipe.toml").exists()
    data = ModelCard(text).data
    assert (data.eval_results, data.metrics, data.datasets) == (None, None, None)
    assert 'ad = "KULLANICI/ciplak-model"' in text


def test_figures_of_other_weights_are_not_claimed(facts: CardFacts, tmp_path: Path) -> None:
    assert facts.evaluation
    other = replace(facts, evaluation=replace(facts.evaluation, weights="ema"))
    text = written(other, tmp_path)
    assert "**Dikkat:** bu sayılar ağırlıkların ortalamasınındır" in text
    assert ModelCard(text).data.eval_results is None
    assert "needs" not in text
    assert "minimal pairs" not in text


MEASURED = EvaluationFacts(
    bits_per_byte=1.2345, bits_per_byte_error=0.0123, loss=3.5, perplexity=33.12, accuracy=0.375, documents=1200,
    tokens=50_000, text_bytes=200_000, context=512, stride=256, precision="bfloat16", weights="last", text="held out",
)  # fmt: skip
GRAMMAR = TaskFacts("pairs", "fidan", 1980, 0.875, 0.0049, 0.862, chance=0.5, length=0.501)
QUIZ = TaskFacts("choices", "xcopa", 500, 0.531, 0.022, 0.487, chance=0.5)


def told(facts: CardFacts, **values: object) -> str:
    return evaluation(replace(facts, evaluation=replace(MEASURED, **values)))


def test_every_figure_says_which_way_is_good_and_stands_on_a_scale(facts: CardFacts) -> None:
    scale = {"uniform": 3.75, "unigram": 2.5, "5-gram": 1.1, "xz -9": 2.6, "yeni|yol": 9.0}
    text = told(facts, baselines=scale)
    for row in (
        "| Bayt başına bit | 1,2345 ± 0,0123 | düşük |",
        "| Kayıp (nat/token) | 3,5000 | düşük |",
        "| Şaşkınlık (perplexity) | 33,12 | düşük |",
        "| İlk tahmini doğru çıkan token | %37,5 | yüksek |",
    ):
        assert row in text
    rows = [line.split("|")[-2].strip() for line in text.split("| Yöntem |")[1].splitlines()[2:8]]
    assert rows == ["1,1000", "**1,2345**", "2,5000", "2,6000", "3,7500", "9,0000"], "the model stands in its place"
    assert "| 5-gram: önceki 4 parçaya bakan sayım (Kneser-Ney); eğitim metninden | 1,1000 |" in text
    assert r"yeni\|yol" in text
    assert "Ölçek" not in told(facts)
    assert "| Bayt başına bit | 1,2345 | düşük |" in told(facts, bits_per_byte_error=None), "of one document"


def test_grammar_and_choices_are_told_with_chance(facts: CardFacts) -> None:
    text = told(facts, tasks=(GRAMMAR, replace(GRAMMAR, name="a|b", low=0.49), QUIZ))
    assert (
        "| küçük çiftler: fidan'ın kendi kümesi | 1.980 | %87,5 ± 0,5 | rastgele %50,0, kısa cümleyi seçerek %50,1 |"
        in text
    )
    assert "| çoktan seçmeli: xcopa | 500 | %53,1 ± 2,2 | rastgele %50,0 |" in text
    blind = re.search(r"gösterilemeyenler:\*\* (.*)\.", text)
    assert blind
    assert blind[1] == r"küçük çiftler: a\|b; çoktan seçmeli: xcopa"
    assert "gösterilemeyenler" not in told(facts, tasks=(GRAMMAR,))
    assert "gösterilemeyenler" in told(facts, tasks=(replace(GRAMMAR, length=0.87),)), "the length alone does as well"


def test_what_was_measured_is_not_said_to_be_unmeasured(facts: CardFacts) -> None:
    tests = {
        (): "soru yanıtlama, okuduğunu anlama, dilbilgisi gibi",
        (GRAMMAR,): "soru yanıtlama, okuduğunu anlama gibi",
        (GRAMMAR, QUIZ): "soruları kendi sözcükleriyle yanıtlama, özetleme gibi",
    }
    for tasks, wanted in tests.items():
        assert f"Ölçülmeyenler: {wanted} görevlerdeki başarı" in told(facts, tasks=tasks)
    assert "dilbilgisi gibi" in evaluation(replace(facts, evaluation=None))


def test_what_was_found_in_the_training_text_is_told(facts: CardFacts) -> None:
    clean = ContaminationFacts("fidan", 1980, 54, 0)
    assert "bakılmadı" in told(facts)
    text = told(facts, contamination=(ContaminationFacts("held out", 1200, 1190, 0), clean))
    rule = DecontaminationConfig()
    assert f"{rule.ngram} sözcüklük ortak bir dizi ya da {rule.min_words}–{rule.ngram - 1} sözcüklük" in text
    assert "3.180 belge ve sorudan 1.244 tanesi arandı. Hiçbirine rastlanmadı." in text
    text = told(facts, contamination=(ContaminationFacts("held out", 1200, 1190, 7), clean, replace(clean, set="x")))
    assert "rastlananlar:** ayrılmış metin (1.200 içinden 7). Bunların sonuçları" in text
    assert "rastlanmadı" not in text


def test_several_sets_of_one_kind_stay_apart_in_the_head(facts: CardFacts) -> None:
    measured = replace(MEASURED, tasks=(GRAMMAR, replace(GRAMMAR, name="turblimp: x", value=0.7), QUIZ))
    card = ModelCard(f"---\n{front_matter(replace(facts, evaluation=measured))}\n---\n")
    found = [(one.dataset_name, one.metric_value) for one in card.data.eval_results[2:]]
    assert found == [
        ("Minimal pairs: fidan", 0.875), ("Minimal pairs: turblimp: x", 0.7), ("Multiple choice: xcopa", 0.531)
    ]  # fmt: skip


def test_rounded_weights_are_said_to_be(facts: CardFacts, tmp_path: Path) -> None:
    text = written(replace(facts, export=ExportConfig(dtype="bfloat16")), tmp_path)
    assert "bu depodakiler bfloat16 biçimine yuvarlandı" in text


def test_sources_and_their_terms_are_named(facts: CardFacts, tmp_path: Path) -> None:
    assert facts.corpus
    sources = (
        SourceFacts(
            "cc100-tr", "dataset", 7, 5000, "web pages", "Conneau et al.", "as the web's", "https://x.org", "a/b"
        ),
        SourceFacts("ali/veri", "hub", 1, 10, hub="ali/veri"),
        SourceFacts("benim", "file", 1, 10),
    )
    text = written(replace(facts, corpus=replace(facts.corpus, sources=sources)), tmp_path)
    assert "| cc100-tr | yayımlanmış derlem | 7 | 5,0 kB |" in text
    assert "*Terms:* as the web's. <https://x.org>" in text
    assert "<https://huggingface.co/datasets/ali/veri>" in text
    assert "**benim:** koşulları kayıtlı değil" in text
    assert ModelCard(text).data.datasets == ["a/b", "ali/veri"]
    assert "T.C. kimlik numarası" in text
    assert "yapay metinle eğitildi" not in text


def test_licences_the_hub_knows_and_others(facts: CardFacts, tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("be good")
    for name, license, license_name in (("mit", "mit", None), ("ev-lisansi-1.0", "other", "ev-lisansi-1.0")):
        folder = tmp_path / name
        folder.mkdir()
        data = ModelCard(
            written(replace(facts, export=ExportConfig(license=name, license_file=str(mine))), folder)
        ).data
        assert (data.license, data.license_name) == (license, license_name)
        assert data.get("license_link") == (None if license_name is None else "LICENSE")
        assert (folder / "LICENSE").read_text() == "be good"


@pytest.mark.parametrize("held", ["config.json", "Modelfile"])
def test_a_modelfile_is_named_or_shown(facts: CardFacts, tmp_path: Path, held: str) -> None:
    (tmp_path / held).write_text("FROM .")
    assert ("Klasöre `Modelfile` adıyla şunu koyun" in written(facts, tmp_path)) is (held != "Modelfile")


def test_a_model_that_chats_is_told_of_as_one(facts: CardFacts, tmp_path: Path) -> None:
    text = written(replace(facts, chat=True), tmp_path)
    assert "apply_chat_template" in text
    assert "temel modeldir" not in text
    assert "conversational" in ModelCard(text).data.tags


HOSTILE = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.sampled_from(
        ["---\nlicense: mit\n---", "a: b # c", "'\"", "```\n# x\n```", "| x |", "<b>", "\u2028\r\n", "null", "~"]
    ),
)


@given(name=HOSTILE, prompt=HOSTILE, continuation=HOSTILE)
def test_no_name_and_no_sample_breaks_the_card(facts: CardFacts, name: str, prompt: str, continuation: str) -> None:
    assert facts.corpus
    source = replace(facts.corpus.sources[0], name=name, kind="hub", hub=name)
    measured = replace(
        MEASURED,
        baselines={name: 2.0},
        tasks=(replace(GRAMMAR, name=name), replace(QUIZ, name=prompt)),
        contamination=(ContaminationFacts(prompt, 3, 2, 1),),
    )
    hostile = replace(
        facts,
        name=name,
        corpus=replace(facts.corpus, sources=(source,)),
        samples=(Sample(prompt, continuation),),
        evaluation=measured,
    )
    text = f"---\n{front_matter(hostile)}\n---\n\n{body(hostile, Path('/nonexistent'))}"
    card = ModelCard(text)
    assert card.data.license == "apache-2.0"
    page = MarkdownIt("gfm-like", {"linkify": False}).render(card.text)
    assert page.count("<h1>") == 1
    assert page.count("<h2>") == 11
    assert "<pre><code></code></pre>" not in page
    allowed = "h1 h2 h3 p strong em blockquote table thead tbody tr th td ul li pre code a"
    assert set(re.findall(r"<(\w+)", page)) <= set(allowed.split())
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", card.data.model_name)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("turkish-134m", "turkish-134m"),
        ("Türkçe model (İlk)", "Turkce-model-Ilk"),
        ("..", "model"),
        ("a--b..c.git_", "a-b.c"),
    ],
)
def test_repository_names(name: str, wanted: str) -> None:
    assert repository_name(name) == wanted


def test_a_stale_evaluation_is_not_told(tiny_run: Run, tmp_path: Path) -> None:
    copy = shutil.copytree(tiny_run.out, tmp_path / "run", ignore=shutil.ignore_patterns("checkpoints"))
    other = replace(tiny_run.recipe, generate=replace(tiny_run.recipe.generate, temperature=0.5))
    assert gather_facts(copy, other, 800).samples == ()
    assert gather_facts(copy, other, 800).evaluation
    shutil.rmtree(copy / "evaluate")
    assert gather_facts(copy, tiny_run.recipe, 800).evaluation is None


def test_a_source_may_be_for_one_split_only(tiny_run: Run, tmp_path: Path) -> None:
    """With `valid_sources` none gives documents to both."""
    copy = shutil.copytree(tiny_run.out, tmp_path / "run", ignore=shutil.ignore_patterns("checkpoints"))
    manifest = read_json(copy / "corpus" / MANIFEST)
    kept = manifest["counts"]["sources"]["synthetic"]
    size = kept["train"]["bytes"]
    del kept["valid"]
    write_json(copy / "corpus" / MANIFEST, manifest)
    corpus = gather_facts(copy, tiny_run.recipe, 800).corpus
    assert corpus is not None
    assert [source.bytes for source in corpus.sources] == [size]
