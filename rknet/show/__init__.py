"""How any study is shown: tables, figures, pages, one document."""
