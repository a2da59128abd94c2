"""The paper's claims, each tested on the runs: supported, contradicted or undecided."""

from rknet.paper.claims.activation import ACTIVATION
from rknet.paper.claims.architecture import ARCHITECTURE
from rknet.paper.claims.depth import DEPTH
from rknet.paper.claims.images import IMAGES
from rknet.paper.claims.scheme import SCHEME
from rknet.paper.claims.training import TRAINING
from rknet.paper.claims.width import WIDTH

CLAIMS = (*WIDTH, *DEPTH, *ACTIVATION, *ARCHITECTURE, *IMAGES, *TRAINING, *SCHEME)
