"""A plan as it may be shown, in Python: its map, its report, its tables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from coresponse.data.errors import InputError
from coresponse.maps.plan_map import write_plan_map
from coresponse.maps.report.page import write_report
from coresponse.publish.disclosure import INTERNAL, PUBLIC
from coresponse.publish.plan import publish_plan
from coresponse.publish.plan_publication import PlanPublication
from coresponse.questions.answer import Plan
from coresponse.results.plan import plan_run_name, write_plan
from coresponse.results.report.content import report_content
from coresponse.results.scenes import page_content


@dataclass(frozen=True, eq=False)
class Published:
    """A plan's publication: figures are rounded, small counts are not shown, unless it is internal.

    Attributes
    ----------
    publication
        What may be shown.
    """

    publication: PlanPublication

    def map(self, path: Path | str) -> Path:
        """Write the map, one page that opens in any browser without a network."""
        write_plan_map(page_content(self.publication), Path(path))
        return Path(path)

    def report(self, path: Path | str) -> Path:
        """Write the report to the council."""
        content = page_content(self.publication)
        name = plan_run_name(self.publication, {}, None)
        write_report(report_content(self.publication, content, name, {}), Path(path))
        return Path(path)

    def write(self, results: Path | str) -> Path:
        """Write all files of a run into a folder of its own under `results`, and return that."""
        return write_plan(self.publication, Path(results), {}).folder

    def __repr__(self) -> str:
        """Say it in a line."""
        kind = "internal" if self.publication.disclosure.internal else "rounded"
        return f"<Published plan of {self.publication.facts.name!r}, {kind}>"


def publish(plan: Plan, *, internal: bool = False) -> Published:
    """Turn a plan's exact figures into what may be shown.

    Parameters
    ----------
    internal
        Nothing is suppressed or rounded, and every page says that it is not for publication.

    Raises
    ------
    InputError
        If there is no plan, or so few calls that every figure would tell of them.
    """
    if not isinstance(plan, Plan):
        raise InputError(f"publish takes a plan, not a {type(plan).__name__}: cr.publish(plan)")
    if not plan.found:
        raise InputError(f"there is no plan to publish: {plan.solution.message}")
    return Published(publish_plan(plan, INTERNAL if internal else PUBLIC))
