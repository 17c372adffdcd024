"""The diagrams are what `dev/diagrams.py` draws, name what is there, and can be read in light and in dark."""

import re
from pathlib import Path
from xml.etree import ElementTree

import drawing
import pytest
from diagrams import DIAGRAMS

from fidan.artifact import MANIFEST
from fidan.corpus.documents import shard_path
from fidan.evaluation import evaluate as evaluation
from fidan.model.build import build_model
from fidan.model.config import ModelConfig
from fidan.stages import STAGES
from fidan.training import trainer

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "kurs" / "sekiller"
NAMES = ("cozucu", "kodlayici_cozucu", "uygulama", "veri_yolu")
SPACE = "{http://www.w3.org/2000/svg}"


def texts(name: str, kind: str | None = None) -> list[str]:
    """What stands in a committed diagram, of one class or of all."""
    tree = ElementTree.parse(FOLDER / f"{name}.svg")
    return [node.text or "" for node in tree.iter(f"{SPACE}text") if kind in (None, node.get("class"))]


def test_the_files_are_what_the_script_draws() -> None:
    drawn = {diagram.name: diagram.svg() for diagram in (draw() for draw in DIAGRAMS)}
    assert set(drawn) == set(NAMES) == {path.stem for path in FOLDER.glob("*.svg") if path.stem in drawn}
    for name, svg in drawn.items():
        committed = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
        assert committed == svg, f"kurs/sekiller/{name}.svg is not what is drawn: run python dev/diagrams.py."


@pytest.mark.parametrize("name", NAMES)
def test_each_says_what_it_is_and_brings_its_own_ground(name: str) -> None:
    root = ElementTree.parse(FOLDER / f"{name}.svg").getroot()
    about = [root.find(f"{SPACE}{tag}") for tag in ("title", "desc")]
    ids = (root.get("aria-labelledby") or "").split()
    assert root.get("role") == "img"
    assert [node.get("id") for node in about if node is not None and node.text] == ids
    ground = next(root.iter(f"{SPACE}rect"))
    assert ground.get("class") == "ground"
    assert root.get("viewBox") == f"0 0 {ground.get('width')} {ground.get('height')}"
    assert "prefers-color-scheme: dark" in (FOLDER / f"{name}.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("cozucu", ModelConfig(d_model=8, n_layers=1, n_heads=2, d_ff=8, context=8)),
        (
            "kodlayici_cozucu",
            ModelConfig(d_model=8, n_layers=1, n_heads=2, d_ff=8, context=8, encoder_layers=1, norm_place="sandwich"),
        ),
    ],
)
def test_the_models_have_the_parts_that_are_named(name: str, config: ModelConfig) -> None:
    parts = {path.rpartition(".")[2] for path, _ in build_model(config, 16).named_modules()}
    named = texts(name, "code")
    assert len(named) >= 6
    assert set(named) <= parts
    assert "artık" not in named  # the check sees code alone


def test_every_stage_is_on_the_way_of_the_data_in_order() -> None:
    labels = texts("veri_yolu", "label")
    assert [label for label in labels if label.endswith("/")] == [f"{stage.name}/" for stage in STAGES]
    commands = [code for code in texts("veri_yolu", "code") if code.startswith("fidan ")]
    assert commands == [*(f"fidan {stage.name}" for stage in STAGES), "fidan serve"]
    written = " ".join(texts("veri_yolu"))
    for file in (
        trainer.WEIGHTS, trainer.SHAPE, evaluation.RECORD, evaluation.PAGE, MANIFEST,
        shard_path(Path("train"), 0).as_posix(),
    ):  # fmt: skip
        assert file in written, file


def test_the_application_tells_what_the_assistant_does() -> None:
    shown = " ".join(texts("uygulama"))
    for part in ("fidan law index", "fidan law dataset", "fidan law ask --model", "fidan serve --law", "BM25F"):
        assert part in shown, part


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_and_lines_stand_out(scheme: int) -> None:
    grounds = [drawing.INKS[name][scheme] for name in ("ground", "group")]
    grounds += [values[2 * scheme] for values in drawing.KINDS.values()]
    for ground in grounds:
        for ink in ("ink", "quiet"):
            assert _contrast(drawing.INKS[ink][scheme], ground) >= 4.5, (ink, ground)
    for ground in grounds[:2]:  # WCAG asks 3 of what is no text
        assert _contrast(drawing.INKS["line"][scheme], ground) >= 3, ground
        for kind, values in drawing.KINDS.items():
            assert _contrast(values[2 * scheme + 1], ground) >= 3, kind


def test_text_that_does_not_fit_is_refused() -> None:
    d = drawing.Drawing("deneme", 100, 100, "Deneme", "Bir deneme.")
    with pytest.raises(ValueError, match="no room"):
        d.box(0, 0, 60, 40, "data", "Paketlenmiş tokenler")
    with pytest.raises(ValueError, match="no room"):
        d.text(95, 20, "taşan", anchor="start")
    with pytest.raises(ValueError, match="no room"):
        d.box(0, 0, 90, 20, "data", "Bir", ["iki"])
    with pytest.raises(ValueError, match="along x or along y"):
        d.arrow((0, 0), (10, 10))


def test_every_colour_of_a_part_has_its_rule() -> None:
    used = {kind for name in NAMES for kind in re.findall(r'class="box (\w+)"', (FOLDER / f"{name}.svg").read_text())}
    assert used == set(drawing.KINDS)
