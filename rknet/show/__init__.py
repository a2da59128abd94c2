"""Shows any study: as tables, figures, pages and one document."""
