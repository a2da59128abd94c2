"""The figures of the paper and beyond; `specification` says which there are."""
