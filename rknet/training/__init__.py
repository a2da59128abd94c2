"""Training: one protocol (Section 4) and the engines that carry it out."""
