"""A model held against what was recorded, and its speeds fitted to it."""
