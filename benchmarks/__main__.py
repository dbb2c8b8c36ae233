"""Run the benchmarks: ``python -m benchmarks [NAME ...]``; one JSON line a case.

Each module ``benchmarks/<name>.py`` has ``cases()``, which yields one dictionary a case, with at
least ``case`` and ``seconds``; ratios stand against a named peer measured in the same run.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys
from pathlib import Path


def names() -> list[str]:
    """All benchmarks there are."""
    found = pkgutil.iter_modules([str(Path(__file__).parent)])
    return sorted(module.name for module in found if not module.name.startswith("_"))


def main(argv: list[str] | None = None) -> int:
    """Run the named benchmarks, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="*", choices=names(), help="benchmarks to run (default: all)")
    chosen = parser.parse_args(argv).name or names()
    for name in chosen:
        for case in importlib.import_module(f"benchmarks.{name}").cases():
            print(json.dumps({"benchmark": name, **case}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
