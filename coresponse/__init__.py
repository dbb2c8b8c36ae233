"""coresponse: where a city posts its crisis responders, when it staffs them, and what each further dollar buys.

>>> import coresponse as cr
>>> city = cr.read_study("mytown").city
>>> case = cr.Case(city, limits=cr.Limits(units={"co_responder_unit": 6}))
>>> plan = cr.plan(case, stop=cr.Stop(seconds=60))
>>> cr.publish(plan).map("map.html")

Names are brought in when they are first used, so that ``import coresponse`` takes no time.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from coresponse.data.version import __version__ as __version__

if TYPE_CHECKING:
    from coresponse.data.city import City as City
    from coresponse.data.errors import CoresponseError as CoresponseError
    from coresponse.data.limits import Limits as Limits
    from coresponse.data.options import Deployment as Deployment
    from coresponse.optimize.case import Case as Case
    from coresponse.optimize.evaluate_case import evaluate as evaluate
    from coresponse.optimize.factors import Factors as Factors
    from coresponse.optimize.goals.goal import FewestUnits as FewestUnits
    from coresponse.optimize.goals.goal import Floor as Floor
    from coresponse.optimize.goals.goal import LeastCost as LeastCost
    from coresponse.optimize.goals.goal import LeastPolice as LeastPolice
    from coresponse.optimize.goals.goal import Lexicographic as Lexicographic
    from coresponse.optimize.goals.goal import Mean as Mean
    from coresponse.optimize.goals.goal import Mix as Mix
    from coresponse.optimize.goals.goal import PCenter as PCenter
    from coresponse.optimize.goals.goal import ShareInTime as ShareInTime
    from coresponse.optimize.goals.goal import Tail as Tail
    from coresponse.optimize.goals.goal import WorstDistrict as WorstDistrict
    from coresponse.optimize.solution import Stop as Stop
    from coresponse.questions.alternatives import alternatives as alternatives
    from coresponse.questions.compare.run import compare as compare
    from coresponse.questions.plan import plan as plan
    from coresponse.questions.replay import replay as replay
    from coresponse.questions.scenarios.run import scenarios as scenarios
    from coresponse.questions.sweep.run import sweep as sweep
    from coresponse.questions.validate import validate as validate
    from coresponse.results.published import publish as publish
    from coresponse.study.read import read_study as read_study

_HOMES = {
    "data.city": ("City",),
    "data.errors": ("CoresponseError",),
    "data.limits": ("Limits",),
    "data.options": ("Deployment",),
    "optimize.case": ("Case",),
    "optimize.evaluate_case": ("evaluate",),
    "optimize.factors": ("Factors",),
    "optimize.goals.goal": (
        "FewestUnits", "Floor", "LeastCost", "LeastPolice", "Lexicographic", "Mean", "Mix", "PCenter",
        "ShareInTime", "Tail", "WorstDistrict",
    ),
    "optimize.solution": ("Stop",),
    "questions.alternatives": ("alternatives",),
    "questions.compare.run": ("compare",),
    "questions.plan": ("plan",),
    "questions.replay": ("replay",),
    "questions.scenarios.run": ("scenarios",),
    "questions.sweep.run": ("sweep",),
    "questions.validate": ("validate",),
    "results.published": ("publish",),
    "study.read": ("read_study",),
}  # fmt: skip
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(["__version__", *_HOME_OF])  # noqa: PLE0605 - held against the imports above by a test


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"coresponse has no {name!r} -- it has: {', '.join(sorted(_HOME_OF))}")
    value = getattr(import_module(f"coresponse.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
