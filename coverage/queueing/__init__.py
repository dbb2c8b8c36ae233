"""Busy responders by queueing: exact hypercube, approximation, Erlang formulas."""
