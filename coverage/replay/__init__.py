"""Replay of calls event by event, and what it measures."""
