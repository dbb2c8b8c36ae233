"""The budget explorer.

Sliders over precomputed plans, with map, figures and frontier, on one page that needs no network.
"""
