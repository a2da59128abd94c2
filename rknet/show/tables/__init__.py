"""The paper's tables from a tidy frame, as LaTeX (booktabs), Markdown and CSV."""
