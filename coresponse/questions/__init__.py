"""What is asked of a city: each question is a list of cases, answered by the same few functions."""
