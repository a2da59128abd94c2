"""Images, with their classes and a network's predictions."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from rknet.show.figures.classified import Classified, read_all
from rknet.show.figures.figure import KINDS, Files
from rknet.show.figures.kinds.panels import run_names
from rknet.show.figures.style import page

#: The numbers of rows and columns of images.
ROWS, COLUMNS = 3, 8
#: The colour of the frame and the words of a wrong prediction.
WRONG = "#C8102E"


@KINDS.register("examples")
def draw(files: Files) -> Picture:
    """Draw the first validation images of a run, labelled; wrong predictions are marked.

    Parameters
    ----------
    files : Files
        Record, outputs and dataset of one run.

    Raises
    ------
    ValueError
        If a file is not what it must be; the message names it.
    """
    (run,) = read_all(files.records, files.outputs, files.datasets)
    picture = page(1.15 * ROWS)
    picture.supylabel(*run_names([run]), fontsize=8)
    for place, axes in enumerate(picture.subplots(ROWS, COLUMNS).flat):
        if run.diverged or place >= len(run.validation.labels):
            axes.set_axis_off()
        else:
            _show(axes, run, place)
    if run.diverged:
        picture.text(0.5, 0.5, "diverged", ha="center", va="center", color="0.4")
    return picture


def _show(axes: Axes, run: Classified, place: int) -> None:
    about = run.about
    image = run.validation.x[place].reshape(about.image_shape)
    true, predicted = run.validation.labels[place], run.predicted[place]
    right = true == predicted
    axes.imshow(image, cmap="gray_r", vmin=0, vmax=1)
    axes.set(xticks=[], yticks=[])
    axes.set_title(about.class_names[true], fontsize=7, pad=2)
    axes.set_xlabel(
        f"→ {about.class_names[predicted]}{'' if right else ' ✗'}",
        fontsize=7,
        labelpad=2,
        color="black" if right else WRONG,
        fontweight="normal" if right else "bold",
    )
    axes.spines[:].set(visible=True, color="0.7" if right else WRONG, linewidth=0.5 if right else 2)
