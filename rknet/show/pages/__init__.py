"""The report's pages: self-contained HTML, with tables that readers can sort and search."""
