"""A study: cells and runs, their records, frames and statistics."""
