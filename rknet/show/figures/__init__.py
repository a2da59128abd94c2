"""The figures of a paper, and what they are drawn with."""
