"""The paper's statements, each tested on the runs: supported, contradicted or undecided."""

from rknet.claims.activation import ACTIVATION
from rknet.claims.architecture import ARCHITECTURE
from rknet.claims.depth import DEPTH
from rknet.claims.evaluation import COLUMNS, evaluate
from rknet.claims.images import IMAGES
from rknet.claims.scheme import SCHEME
from rknet.claims.statement import Claim, Results
from rknet.claims.training import TRAINING
from rknet.claims.width import WIDTH

__all__ = ["CLAIMS", "COLUMNS", "Claim", "Results", "evaluate"]

CLAIMS: dict[str, Claim] = {
    claim.id: claim
    for claim in (*WIDTH, *DEPTH, *ACTIVATION, *ARCHITECTURE, *IMAGES, *TRAINING, *SCHEME)
}
