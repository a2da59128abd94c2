"""``python -m rknet``: the command ``rknet``."""

import sys

from rknet.command import main

sys.exit(main())
