"""A full disk, a folder that may not be written, a dataset that may not be read."""

import os
import re
import shutil

import numpy as np
import pytest
from disks import disk, mount
from project import assert_a_part
from safetensors.numpy import save_file

from rknet import datasets
from rknet.checkpoint import Checkpoint
from rknet.engines.base import Metrics
from rknet.files import WriteError, open_log, replacing, write_json, write_text
from rknet.loop import History
from rknet.show.figures.style import page, save
from rknet.study.outputs import Outputs
from rknet.study.outputs import save as save_outputs

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a disk")

NOISE = np.random.default_rng(0).random((200, 200))


def save_arrays(path):
    with replacing(path) as temporary:
        save_file({"K": NOISE}, temporary)


def draw_noise(path):
    figure = page(3)
    figure.add_subplot().imshow(NOISE)
    save(figure, path.with_suffix(""))


def write_log(path):
    with open_log(path) as log:
        print("x" * 100_000, file=log)


#: Each writes more than there is room for.
WRITERS = {
    "dataset.npz": lambda path: datasets.save(path, datasets.draw("spiral", 0)),
    "outputs.npz": lambda path: save_outputs(path, Outputs(NOISE, NOISE)),
    "history.csv": History([Metrics(0.1, 0.2, 0.3, 0.4)] * 5000).write,
    "parameters.safetensors": save_arrays,
    "run.json": lambda path: write_json(path, {"setting": "x" * 100_000}),
    "table.tex": lambda path: write_text(path, "x" * 100_000),
    "figure.pdf": draw_noise,
}


@pytest.mark.parametrize("room", [0, 8192], ids=["full", "nearly full"])
@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_is_named_and_what_was_there_stays(name, room, tmp_path):
    with disk(tmp_path / "disk", 65536) as folder:
        path = folder / name
        path.write_text("old")
        (folder / "filler").write_bytes(bytes(65536 - 4096 - room))
        with pytest.raises(WriteError) as error:
            WRITERS[name](path)
        message = str(error.value)
        assert message.startswith(f"{path} cannot be written (")
        assert "No space left on device" in message
        assert "0.0 MiB are free there" in message
        assert "make room, or the folder writable, and run the same command again" in message
        assert path.read_text() == "old"
        assert sorted(file.name for file in folder.iterdir()) == sorted([name, "filler"])


def test_a_full_disk_is_named_by_a_log(tmp_path):
    with disk(tmp_path / "disk", 8192) as folder:
        with pytest.raises(WriteError, match=r"disk/run\.log cannot be written \(.*No space left"):
            write_log(folder / "run.log")
        # What fails while a log is open is not the log's.
        with pytest.raises(WriteError, match=r"table\.tex cannot"), open_log(folder / "run.log"):
            WRITERS["table.tex"](folder / "table.tex")
        with pytest.raises(FileNotFoundError), open_log(folder / "run.log"):
            (folder / "nothing").read_text()


def test_training_goes_on_without_checkpoints(tmp_path):
    class Engine:
        threads = 1

        def state(self):
            return {"K": NOISE}

    with disk(tmp_path / "disk", 8192) as folder, open_log(tmp_path / "log") as log:
        Checkpoint(folder / "checkpoint.safetensors", {}, log).keep(Engine(), [], seconds=60)
        assert not list(folder.iterdir())
    said = (tmp_path / "log").read_text()
    assert said.startswith(f"no checkpoint: {folder}/checkpoint.safetensors cannot be written (")


def test_a_folder_that_may_not_be_written_is_named(tmp_path):
    with disk(tmp_path / "disk", 65536) as folder:
        path = folder / "table.tex"
        path.write_text("old")
        mount("-o", "remount,ro", folder)
        for name in ("table.tex", "new.tex", "new/table.tex"):
            with pytest.raises(WriteError, match=rf"{name} cannot be written \(.*Read-only file"):
                write_text(folder / name, "new")
        with pytest.raises(WriteError, match=r"run\.log cannot be written \(.*Read-only file"):
            write_log(folder / "run.log")
        assert path.read_text() == "old"


def test_a_dataset_that_may_not_be_read_is_named(tmp_path):
    path = tmp_path / "dataset.npz"
    datasets.save(path, datasets.draw("spiral", 0))
    path.chmod(0)
    os.seteuid(65534)  # root reads everything
    try:
        with pytest.raises(ValueError, match=r"dataset\.npz.*Permission denied"):
            datasets.load(path, "spiral")
    finally:
        os.seteuid(0)


def test_the_same_command_goes_on_once_there_is_room(finished, tmp_path):
    project = finished.duplicate(tmp_path / "project")
    shutil.rmtree(project.folder / "results")
    drawn = sum(map(len, finished.results("datasets/spiral/*").values()))
    target = "results/tables/table1.tex"
    # Room for the datasets and some of the runs.
    with disk(project.folder / "results", drawn + 60_000) as results:
        outcome = project.run(target)
        assert outcome.code == 1
        assert "No space left on device" in outcome.output
        *_, last = re.findall("Not everything was made: .*", outcome.output)
        assert "MiB are free for results: make room" in last
        assert "run the same command again to go on" in last
        # On a busy machine an epoch may be long enough to be kept, for a run that goes on later.
        before = {
            name: content
            for name, content in project.final_results().items()
            if not name.endswith("/checkpoint.safetensors")
        }
        assert_a_part(before, finished.final_results())
        mount("-o", "remount,size=100m", results)
        outcome = project.run(target)
        assert outcome.code == 0, outcome.output
        assert project.results("tables/table1.tex")
        assert_a_part(project.final_results(), finished.final_results())


def test_results_that_may_not_be_written_are_named(finished, tmp_path):
    project = finished.duplicate(tmp_path / "project")
    # Of results that are there Snakemake itself says that they are write-protected.
    for made in ("runs", "metrics", "costs"):
        shutil.rmtree(project.folder / "results" / made)
    shutil.move(project.folder / "results", tmp_path / "results")
    with disk(project.folder / "results", 10_000_000) as results:
        shutil.copytree(tmp_path / "results", results, dirs_exist_ok=True)
        before = project.results("**/*")
        mount("-o", "remount,ro", results)
        outcome = project.run("results/metrics/depth.csv")
        assert outcome.code == 1
        assert "results cannot be written: make the folder writable" in outcome.output
        assert "Traceback" not in outcome.output
        assert project.results("**/*") == before
