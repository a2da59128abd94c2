"""Shows any experiment: its table, its curves and its page."""
