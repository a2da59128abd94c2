"""Runs that took long, kept in few bytes with the project, and checked by training some again."""
