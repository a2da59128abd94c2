"""The report's pages: self-contained HTML, with tables to sort and to search."""
