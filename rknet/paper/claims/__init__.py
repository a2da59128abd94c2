"""The paper's claims: readings of its sentences, tested on the runs."""

from pathlib import Path

from rknet.paper.claims.measures import MEASURES
from rknet.study.readings import read_claims

_FOLDER = Path(__file__).parent.parent / "readings"
_SECTIONS = (
    "abstract",
    "width",
    "depth",
    "activation",
    "architecture",
    "images",
    "training",
    "scheme",
)

CLAIMS = tuple(
    claim for section in _SECTIONS for claim in read_claims(_FOLDER / f"{section}.yaml", MEASURES)
)
