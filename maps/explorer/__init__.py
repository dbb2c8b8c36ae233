"""The budget explorer: sliders over precomputed plans, with map, figures and frontier, on one page that needs no network."""
