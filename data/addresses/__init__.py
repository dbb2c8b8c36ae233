"""Addresses: written ones, matched offline to what the city's own files know of its streets."""
