"""Draws the figures of a paper."""
