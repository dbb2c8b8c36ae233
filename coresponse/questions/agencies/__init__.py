"""Several agencies: each alone, all together, and what sharing saves whom."""
