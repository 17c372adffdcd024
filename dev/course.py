"""Execute the course: every chapter of `kurs/`, and the notebooks' sources, as notebooks with their outputs.

    python dev/course.py              what changed since it was last executed, two at a time
    python dev/course.py 04 05        these chapters
    python dev/course.py --all        everything again

What comes out lies in `build/kurs/`: notebooks with text and pictures, which the site is built from. A cell that
fails ends with exit code 1, its source and its traceback. What it leaves out: notebooks without outputs, for learners
(`dev/notebooks.py`), and the site (`dev/site.py`).
"""

import argparse
import hashlib
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from fidan.artifact import atomic_write, read_json, write_json
from notebooks import ROOT, sources

OUT = ROOT / "build" / "kurs"
RUNS = OUT / "runs"  # what the chapters train
TIMES = OUT / "times.json"
KEY = "fidan_hash"  # of what an executed notebook was made from


def library_hash() -> str:
    """Of the package's files: a chapter shows and runs them."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "src").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def waits(source: Path) -> bool:
    """Whether a source needs the course's run, which the first one that asks for it makes."""
    return "ornek_calistirma(" in source.read_text(encoding="utf-8")


def hash_of(source: Path, library: str) -> str:
    """Of a chapter and of the library that it runs."""
    return hashlib.sha256(library.encode() + source.read_bytes()).hexdigest()


def executed(source: Path, wanted: str) -> bool:
    """Whether the notebook that lies there is of this source and this library."""
    target = OUT / f"{source.stem}.ipynb"
    return target.is_file() and read_json(target)["metadata"].get(KEY) == wanted


def run(source: Path) -> nbformat.NotebookNode:
    """Run one source from top to bottom in a kernel of its own.

    Returns:
        The notebook with its outputs.

    Raises:
        CellExecutionError: a cell failed.
        RuntimeError: a cell gave a warning.
    """
    notebook = jupytext.read(source, fmt="py:percent")
    client = NotebookClient(
        notebook,
        timeout=None,
        startup_timeout=600,  # a busy machine starts slowly
        coalesce_streams=True,  # what a loop prints is one output
        kernel_name="python3",
        resources={"metadata": {"path": str(ROOT)}},
    )
    manager = client.create_kernel_manager()
    with tempfile.TemporaryDirectory() as folder:
        if os.name != "nt":  # no ports: nobody else on the machine can talk to the kernel
            manager.transport = "ipc"
            manager.ip = f"{folder}/kernel"  # of its own: two that start together would take the same
        client.execute()
    warned = [out.text for cell in notebook.cells for out in cell.get("outputs", []) if out.get("name") == "stderr"]
    if warned:
        raise RuntimeError(f"{source.name} wrote to stderr, where a learner sees red:\n{''.join(warned)}")
    return notebook


def execute(source: Path, wanted: str) -> float:
    """`run` a source and write its notebook, unless it fails; returns the seconds it took."""
    began = time.monotonic()
    notebook = run(source)
    notebook.metadata[KEY] = wanted
    with atomic_write(OUT / f"{source.stem}.ipynb", "w") as file:
        nbformat.write(notebook, file)
    return time.monotonic() - began


def main() -> None:
    """Execute what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", help="how the names of the sources begin: 04 05 dataset; default: all")
    parser.add_argument("--all", action="store_true", help="also what did not change")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once")
    options = parser.parse_args()
    chosen = [s for s in sources() if not options.names or s.name.startswith(tuple(options.names))]
    for name in options.names:
        if not any(source.name.startswith(name) for source in chosen):
            sys.exit(f"{name}: no chapter or notebook begins so; there are {', '.join(s.stem for s in sources())}.")
    RUNS.mkdir(parents=True, exist_ok=True)
    os.environ["FIDAN_KURS_DIR"] = str(RUNS)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    library = library_hash()
    wanted = {source: hash_of(source, library) for source in chosen}
    due = [source for source in chosen if options.all or not executed(source, wanted[source])]
    times = read_json(TIMES) if TIMES.is_file() else {}
    # The longest first, and of those not yet timed the later, which are the longer ones.
    due.sort(key=lambda source: (not waits(source), times.get(source.stem, 0), source.stem), reverse=True)
    due = due[-1:] + due[:-1]  # one begins with the run that others wait for
    began, failed = time.monotonic(), []
    with ThreadPoolExecutor(options.jobs) as pool:
        running = {pool.submit(execute, source, wanted[source]): source for source in due}
        for done, work in enumerate(as_completed(running), 1):
            source = running[work]
            try:
                times[source.stem] = round(work.result(), 1)
            except (CellExecutionError, RuntimeError) as error:
                failed.append(source.name)
                print(f"{source.name} FAILED\n{error}", flush=True)
                continue
            print(f"[{done}/{len(due)}] {source.name}  {times[source.stem]} s", flush=True)
    write_json(TIMES, times)
    print(f"{len(due)} executed, {len(chosen) - len(due)} as they were, {time.monotonic() - began:.0f} s")
    if failed:
        sys.exit(f"failed: {', '.join(sorted(failed))}")


if __name__ == "__main__":
    main()
