"""The kinds of figures, a module each, which bears its kind's name: `draw` draws it."""
