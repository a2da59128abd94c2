"""One document of all results: `source` writes it as LaTeX, `build` makes it a PDF."""
