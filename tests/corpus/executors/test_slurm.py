"""Tasks on Slurm, with a cluster of this machine in its place: submitted once, waited for, gone on with."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fidan.corpus.config import CorpusConfig, Source
from fidan.corpus.executors import slurm_job, slurm_queue
from fidan.corpus.executors.slurm_options import parse_options
from fidan.corpus.tasks import check_executor, refuse_running_jobs
from fidan.errors import FidanError

Run = Callable[..., list[int]]
Same = Callable[..., None]

OPTIONS = ("partition=cpu", "time=00:10:00")


def jobs(cluster: Path) -> list[Path]:
    return sorted(cluster.glob("job-*"))


def states(cluster: Path, number: int = 0) -> list[str]:
    return [path.read_text() for path in sorted(jobs(cluster)[number].glob("state-*"))]


def interrupt(seconds: float) -> None:
    raise KeyboardInterrupt


def test_the_same_files_as_here(
    run: Run, same: Same, reference: Path, cluster: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLURM_JOB_ID", "7")  # this program may itself run in a job
    folder = tmp_path / "a folder with a space"
    assert sorted(run(folder, "slurm", slurm=(*OPTIONS, "--exclusive", "mem=3G"))) == [0, 1, 2, 3]
    same(folder, reference)
    assert os.environ["SLURM_JOB_ID"] == "7"
    assert len(states(cluster)) == 2
    script = (jobs(cluster)[0] / "script").read_text()
    for line in ("partition=cpu", "time=00:10:00", "exclusive", "mem=3G", "array=0-1"):
        assert f"\n#SBATCH --{line}\n" in script
    assert "mem-per-cpu" not in script
    assert "qos" not in script
    assert run(folder, "slurm", slurm=OPTIONS) == [0, 1, 2, 3]
    assert len(jobs(cluster)) == 1
    assert (folder / "runs").read_text().split().count("0") == 1


def test_a_task_that_fails_is_named_with_its_log_and_the_next_run_does_what_is_left(
    run: Run, same: Same, reference: Path, cluster: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "trouble-0").write_text("fail")
    with pytest.raises(
        FidanError, match="element 0 of Slurm job 100: FAILED, and 1 of its 1 shards are not"
    ) as raised:
        run(folder, "slurm", workers=4, slurm=OPTIONS)
    log = folder / "logs" / "slurm_logs" / "100_0.out"
    assert f"Its log: {log}, which ends:" in str(raised.value)
    assert "fidan.errors.SourceError: shard 0 is damaged" in str(raised.value)
    assert "PENDING" not in states(cluster)
    (folder / "trouble-0").unlink()
    before = sorted(path.name for path in (folder / "logs" / "completions").iterdir())
    assert [f"{rank:05d}" for rank in run(folder, "slurm", workers=1, slurm=OPTIONS)][: len(before)] == before
    same(folder, reference)
    assert sorted((folder / "runs").read_text().split()) == ["0", "1", "2", "3"]


def test_a_task_that_is_killed(run: Run, cluster: Path, tmp_path: Path) -> None:
    (tmp_path / "trouble-0").write_text("die")
    with pytest.raises(FidanError, match="OUT_OF_MEMORY: a larger mem-per-cpu") as raised:
        run(tmp_path, "slurm", tasks=1, slurm=OPTIONS)
    assert "element 0 of Slurm job 100: OUT_OF_MEMORY" in str(raised.value)


def test_a_task_that_is_gone_without_a_trace(
    run: Run, cluster: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slurm_job, "LATE_SECONDS", 0.3)
    (cluster / "forget").touch()
    (tmp_path / "trouble-0").write_text("die")
    with pytest.raises(FidanError, match="element 0 of Slurm job 100: gone from the queue"):
        run(tmp_path, "slurm", tasks=1, slurm=OPTIONS)


def test_interrupted_the_job_goes_on_and_is_not_submitted_twice(
    run: Run, same: Same, reference: Path, cluster: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "run"
    (cluster / "hold").touch()
    with monkeypatch.context() as patch:
        patch.setattr(slurm_job.time, "sleep", interrupt)
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt, match=r"job 100 goes on without this program.*scancel 100"):
                run(folder, "slurm", slurm=OPTIONS)
    assert states(cluster) == ["PENDING", "PENDING"]
    with pytest.raises(FidanError, match=r"Slurm job 100 of an earlier run.*scancel 100"):
        refuse_running_jobs(folder)
    (cluster / "hold").unlink()
    (folder / "logs" / "job.json").write_text(
        json.dumps({**json.loads((folder / "logs" / "job.json").read_text()), "job": None})
    )  # as if it had been killed before it could note the number
    assert sorted(run(folder, "slurm", slurm=OPTIONS)) == [0, 1, 2, 3]
    assert len(jobs(cluster)) == 1
    same(folder, reference)
    refuse_running_jobs(folder)


def test_what_an_older_job_left_is_submitted_after_it(
    run: Run, same: Same, reference: Path, cluster: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "run"
    (cluster / "hold").touch()
    with monkeypatch.context() as patch:
        patch.setattr(slurm_job.time, "sleep", interrupt)
        with pytest.raises(KeyboardInterrupt):
            run(folder, "slurm", slurm=OPTIONS)
    (jobs(cluster)[0] / "state-0").write_text("CANCELLED")
    (cluster / "hold").unlink()
    assert run(folder, "slurm", slurm=OPTIONS)[:2] == [2, 3]
    assert len(jobs(cluster)) == 2
    same(folder, reference)


def test_a_job_of_which_nothing_is_known(
    run: Run, cluster: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (cluster / "hold").touch()
    with monkeypatch.context() as patch:
        patch.setattr(slurm_job.time, "sleep", interrupt)
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path, "slurm", slurm=OPTIONS)
    (tmp_path / "logs" / "job.json").unlink()
    with pytest.raises(FidanError, match=r"Slurm jobs 100 work in .*\(scancel 100\)"):
        run(tmp_path, "slurm", slurm=OPTIONS)


def test_a_queue_that_does_not_answer(
    run: Run, same: Same, reference: Path, cluster: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 3:
            (cluster / "broken").unlink()

    (cluster / "broken").touch()
    folder = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(slurm_queue.time, "sleep", nap)
        run(folder, "slurm", slurm=OPTIONS)
    same(folder, reference)
    assert len(naps) > 3
    (cluster / "broken").touch()
    with monkeypatch.context() as patch:
        patch.setattr(slurm_queue.time, "sleep", lambda seconds: None)
        with pytest.raises(FidanError, match=r"squeue failed 10 times in a row \(slurm_load_jobs error: Unable"):
            run(folder, "slurm", tasks=5, slurm=OPTIONS)


def test_sbatch_refuses(run: Run, cluster: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(FidanError, match=r"sbatch refused the job \(exit code 1\).*'partition=gpu'"):
        run(tmp_path, "slurm", slurm=("partition=gpu", "time=1"))
    assert "invalid partition specified" in capfd.readouterr().err


def test_no_slurm_here(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    config = CorpusConfig(sources=(Source("a.txt"),), executor="slurm", slurm=OPTIONS)
    with pytest.raises(FidanError, match=r'corpus.executor = "slurm": sbatch is not on PATH.*login node'):
        check_executor(config)
    with pytest.raises(FidanError, match="sbatch is not on PATH"):
        run(tmp_path, "slurm", slurm=OPTIONS)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), r'partition and time missing; add to corpus.slurm, for example "partition=cpu", "time=04:00:00"'),
        (("partition=cpu",), "time missing"),
        (("partition=", "time=1"), "a value is missing"),
        ((*OPTIONS, "-p cpu"), "write the long name"),
        ((*OPTIONS, "mem per cpu=1"), "write the long name"),
        ((*OPTIONS, "array=1-3"), "fidan sets array itself"),
        ((*OPTIONS, "--time=2"), "time is given twice"),
        ((*OPTIONS, "account=a\nrm -r x"), "one line"),
    ],
)
def test_options_that_are_wrong(options: tuple[str, ...], message: str) -> None:
    with pytest.raises(FidanError, match=message):
        parse_options(options)


def test_options_that_are_right() -> None:
    found = parse_options((*OPTIONS, "--exclusive", "constraint=a&b", "comment=x=y"))
    assert found == {
        "partition": "cpu",
        "time": "00:10:00",
        "exclusive": "",
        "constraint": "a&b",
        "comment": "x=y",
    }
