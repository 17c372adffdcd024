"""What stands around the code: workflows, forms, pins, citation, changelog, and the way to a release."""

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import check_jsonschema
import pytest
import yaml
from click.testing import CliRunner

from fidan import __version__
from tests.conftest import lacking

ROOT = Path(__file__).resolve().parents[1]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def release(load_script: Callable[[str], ModuleType]) -> ModuleType:
    return load_script("dev/release.py")


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", WORKFLOWS),
        ("vendor.github-issue-forms", sorted((GITHUB / "ISSUE_TEMPLATE").glob("[0-9]-*.yml"))),
        ("vendor.citation-file-format", [ROOT / "CITATION.cff"]),
    ],
    ids=["workflows", "forms", "citation"],
)
def test_a_file_for_github_follows_its_schema(schema: str, files: list[Path]) -> None:
    assert files
    checked = CliRunner().invoke(check_jsonschema.main, ["--builtin-schema", schema, *map(str, files)])
    assert checked.exit_code == 0, checked.output


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_do_little_and_pins_what_it_uses(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["concurrency"]
    for name, job in workflow["jobs"].items():
        if "uses" in job:
            assert job["uses"].startswith("./.github/workflows/")
            continue
        assert job["timeout-minutes"] <= 60, name
        for step in job["steps"]:
            if "uses" in step:
                assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"]), f"{name}: {step['uses']}"
            assert "${{" not in step.get("run", ""), f"{name}: a command is put together from what others can write"


def test_one_action_has_one_version_everywhere() -> None:
    used: dict[str, set[str]] = {}
    for path in WORKFLOWS:
        for action, pin in re.findall(
            r"uses: ([\w/-]+)@(\S+ # v\S+)$", path.read_text(encoding="utf-8"), re.MULTILINE
        ):
            used.setdefault(action, set()).add(pin)
    assert len(used) >= 6
    assert {action: pins for action, pins in used.items() if len(pins) > 1} == {}


def test_the_workflow_runs_what_ci_runs_on_three_systems() -> None:
    job = yaml.safe_load(read(".github/workflows/ci.yml"))["jobs"]["checks"]
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
    rows = job["strategy"]["matrix"]["include"]
    assert {row["system"].split("-")[0] for row in rows} == {"ubuntu", "macos", "windows"}
    classifiers = tomllib.loads(read("pyproject.toml"))["project"]["classifiers"]
    supported = [line.rpartition(" ")[2] for line in classifiers if re.search(r"Python :: 3\.\d+$", line)]
    linux = {row["python"] for row in rows if row["system"].startswith("ubuntu")}
    assert linux == {supported[0], supported[-1]}, "the oldest and the newest"


def test_make_has_the_targets_of_the_workflows_and_of_contributing() -> None:
    named = re.findall(r"(?:`|run: |^)make (\w+)", read("CONTRIBUTING.md") + read(".ci/run"), re.MULTILINE)
    named += re.findall(r"run: make (\w+)", read(".github/workflows/release.yml"))
    assert {"check", "test", "course"} <= set(named)
    for target in named:
        assert re.search(rf"^{target}:", read("Makefile"), re.MULTILINE), target


def test_pre_commit_has_the_versions_that_are_pinned() -> None:
    pinned = dict(re.findall(r"^([\w.-]+)==([^;\s]+)", read("requirements.txt"), re.MULTILINE))
    repos = {repo["repo"]: repo for repo in yaml.safe_load(read(".pre-commit-config.yaml"))["repos"]}
    assert repos["https://github.com/astral-sh/ruff-pre-commit"]["rev"] == f"v{pinned['ruff']}"
    local = {hook["id"]: hook for hook in repos["local"]["hooks"]}
    assert local["mypy"]["language"] == "system"  # so it is the pinned one of .venv
    assert "mypy" in pinned


def test_contributing_leads_to_files_that_are_there() -> None:
    text = read("CONTRIBUTING.md")
    paths = re.findall(r"`((?:src|tests|kurs|dev|docs|recipes)/[\w/.]*)`", text)
    paths += [link for link in re.findall(r"\]\(([^)#]+)\)", text) if not link.startswith("http")]
    assert len(paths) > 30
    assert [path for path in paths if not (ROOT / path).exists()] == []
    for name in set(re.findall(r"`([\w/]+\.py)`", text)) - {"NN_ad.py"}:  # short names, of files told before
        assert (
            list(ROOT.glob(f"src/fidan/**/{name}")) or list(ROOT.glob(f"tests/**/{name}")) or (ROOT / name).exists()
        ), name


def test_the_changelog_keeps_its_form() -> None:
    text = read("CHANGELOG.md")
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    for heading in headings[1:]:
        assert re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", heading)
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.*)$", text, re.MULTILINE)) <= kinds


def test_a_release_is_refused_until_all_names_its_version(release: ModuleType, tmp_path: Path) -> None:
    files = {
        "src/fidan/__init__.py": '__version__ = "1.2.3"\n', "CITATION.cff": "version: 1.2.3\n",
        "pyproject.toml": '[project.urls]\nRepository = "https://github.com/owner/name"\n',
        "CHANGELOG.md": "## [Unreleased]\n\n## [1.2.3] - 2026-01-31\n\n### Added\n\n- This.\n\n"
        "## [1.2.2] - 2026-01-01\n\n- That.\n",
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert release.faults(tmp_path, "v1.2.3", "owner/name") == []
    assert release.notes(tmp_path, "1.2.3") == "### Added\n\n- This."
    assert release.notes(tmp_path, "1.2.2") == "- That."
    assert len(release.faults(tmp_path, "v1.2.4", "owner/name")) == 3  # version, changelog, citation
    assert "such as v0.1.0" in release.faults(tmp_path, "1.2.3")[0]
    assert "[project.urls]" in release.faults(tmp_path, "v1.2.3", "other/name")[0]
    for name in ("CITATION.cff", "CHANGELOG.md"):
        (tmp_path / name).write_text("", encoding="utf-8")
        assert len(release.faults(tmp_path, "v1.2.3")) == 1
        (tmp_path / name).write_text(files[name], encoding="utf-8")


def test_the_citation_has_the_version(release: ModuleType) -> None:
    assert release.version(ROOT) == __version__
    assert yaml.safe_load(read("CITATION.cff"))["version"] == __version__


def test_trying_the_wheel_uses_commands_and_settings_that_exist(
    load_script: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    from fidan.recipe import load_recipe

    monkeypatch.syspath_prepend(str(ROOT / "dev"))
    script = load_script("dev/try_wheel.py")
    assert load_recipe(Path("demo"), script.TINY).train.tokens == 60_000
    assert json.dumps(script.commands()).count('"run"') == 1


def test_what_a_system_lacks_leaves_out_only_what_needs_it() -> None:
    names = {system: {path.name for path in lacking(system)} for system in ("linux", "darwin", "win32")}
    assert names["linux"] == set()
    assert "test_artifact.py" in names["darwin"]  # it wants a device that is always full
    assert {"test_story.py", "test_terminal.py", "test_resume.py"} <= names["win32"]
    assert {"test_attention.py", "test_recipes_command.py", "test_export_command.py", "test_page.py"}.isdisjoint(
        names["win32"]
    )
    assert len(names["darwin"]) < 8
    assert len(names["win32"]) < 30
