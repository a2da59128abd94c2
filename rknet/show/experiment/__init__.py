"""How an experiment is shown that nothing else shows: its table, its curves and its page."""
