"""What learning means."""

#: Percent.
BOUND = 1.0
