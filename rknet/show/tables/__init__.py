"""Tables from a tidy frame, as LaTeX (booktabs), Markdown and CSV."""
