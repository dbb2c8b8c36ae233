"""What may be shown: exact results come in, publications go out. docs/publishing.md states the rules.

The package is itself the face's ``cr.publish(plan)``: a name that Python binds to the package as
soon as any of its modules is imported.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any


class _Publish(ModuleType):
    """The package, which publishes a plan when it is called."""

    def __call__(self, plan: Any, *, internal: bool = False) -> Any:
        """Turn a plan's exact figures into what may be shown."""
        # what draws pages stands above this room: it is looked up when it is asked for, not imported
        return import_module("coresponse.results.published").publish(plan, internal=internal)


sys.modules[__name__].__class__ = _Publish
