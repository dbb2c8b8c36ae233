"""Sweeps.

The best deployment at every value of limits and assumptions, and in what order to grow.
"""
