"""The version of coresponse, which pages and files name."""

from __future__ import annotations

__version__ = "0.2.0"
