"""What the tests of figures draw: frozen runs, datasets and the project's own configuration."""

from pathlib import Path

import pytest
import yaml
from matplotlib.figure import Figure

from rknet import datasets
from rknet.show.figures.figure import Files
from rknet.show.figures.style import styled
from rknet.study.config import Configuration, load

ROOT = Path(__file__).parents[3]
FROZEN = Path(__file__).with_name("frozen") / "donut_2d"


def assert_within_page(picture: Figure) -> None:
    """Nothing that a figure says is cut off at its edge."""
    with styled():
        picture.draw_without_rendering()
        for part in (*picture.axes, *picture.legends):
            left, bottom, right, top = (
                part.get_tightbbox().transformed(picture.transFigure.inverted()).extents
            )
            assert min(left, bottom) >= 0
            assert max(right, top) <= 1


def frozen_files(*cells: str, seeds: tuple[int, ...] = (0, 1)) -> Files:
    """The files of frozen runs, cells given as ``network/cell``."""
    folders = [FROZEN / cell / f"seed{seed}" for cell in cells for seed in seeds]
    return Files(
        *(
            [str(folder / name) for folder in folders]
            for name in ("run.json", "parameters.safetensors", "history.csv")
        ),
        datasets=[],
    )


@pytest.fixture(scope="session")
def within_page():
    return assert_within_page


@pytest.fixture(scope="session")
def frozen():
    return frozen_files


@pytest.fixture(scope="session")
def configured() -> Configuration:
    return load(yaml.safe_load((ROOT / "config/config.yaml").read_text()), ROOT)


@pytest.fixture(scope="session")
def published_path() -> Path:
    return ROOT / "rknet/paper/published.csv"


@pytest.fixture(scope="session")
def drawn(tmp_path_factory):
    """A function from names of datasets to the files that hold their first repetition."""
    folder = tmp_path_factory.mktemp("datasets")

    def files(*names: str) -> list[str]:
        paths = [folder / f"{name}.npz" for name in names]
        for name, path in zip(names, paths, strict=True):
            if not path.exists():
                datasets.save(path, datasets.draw(name, 0))
        return [str(path) for path in paths]

    return files
