"""What is expected of the experiments beyond the paper, read before they ran."""

from pathlib import Path

from rknet.paper.claims.measures import MEASURES
from rknet.study.readings import read_claims

_FOLDER = Path(__file__).parent / "readings"
_SECTIONS = ("schemes", "time_steps", "convolution", "series", "tabular")

CLAIMS = tuple(
    claim for section in _SECTIONS for claim in read_claims(_FOLDER / f"{section}.yaml", MEASURES)
)
