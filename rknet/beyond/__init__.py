"""Beyond the paper: what its outlook names, and what Section 2 says of any scheme."""
