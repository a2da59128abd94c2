"""Losses. Each is a file with everything that engines need."""
