"""The study: a folder with ``study.toml``, its inputs and its results."""
