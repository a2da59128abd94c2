"""The kinds of figures. Each is a module with the kind's name; its function `draw` draws it."""
