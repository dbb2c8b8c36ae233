"""The what-if page.

A study, a map, limits to change, and a search that can be watched and stopped.
"""
