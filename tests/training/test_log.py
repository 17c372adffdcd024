"""Records of numbers and of text come back, and TensorBoard shows both."""

from pathlib import Path

import pytest

from fidan.training.log import MetricsLog, read_metrics

RECORDS = [
    (10, "train", {"loss": 3.5, "tokens": 10_240}),
    (10, "sample", {"prompt": "Bugün hava", "text": " çok\ngüzel"}),
    (20, "event", {"event": "skipped", "text": "loss 9.1"}),
]


def write(folder: Path, tensorboard: bool) -> None:
    with MetricsLog(folder, 0, tensorboard) as log:
        assert not log.missing
        for record in RECORDS:
            log.write(*record)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write(tmp_path, tensorboard=False)
    assert read_metrics(tmp_path) == [{"step": step, "kind": kind, **values} for step, kind, values in RECORDS]
    with MetricsLog(tmp_path, 10, tensorboard=False):
        pass
    assert [record["step"] for record in read_metrics(tmp_path)] == [10, 10]  # what came after the checkpoint is gone


def test_tensorboard_has_numbers_as_scalars_and_text_by_its_name(tmp_path: Path) -> None:
    events = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    write(tmp_path, tensorboard=True)
    board = events.EventAccumulator(str(tmp_path / "tensorboard"), size_guidance={"tensors": 0, "scalars": 0})
    board.Reload()
    assert [(event.step, event.value) for event in board.Scalars("train/loss")] == [(10, 3.5)]
    told = {tag: board.Tensors(tag)[0].tensor_proto.string_val[0].decode() for tag in board.Tags()["tensors"]}
    assert told == {
        "sample/Bugün hava/text_summary": " çok\ngüzel",
        "event/skipped/text_summary": "loss 9.1",
    }
