"""Deployments as files: what stands where today, or what a plan proposes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from coresponse.data.faults import Faults
from coresponse.data.options import Deployment, Option
from coresponse.data.posts import Posts
from coresponse.data.programs.model import Program
from coresponse.data.tables.cells import as_text
from coresponse.data.tables.dictionary import match_columns
from coresponse.data.tables.read import read_table
from coresponse.data.tables.specs import DEPLOYMENT
from coresponse.data.tables.write import as_written


def read_deployment(
    path: Path, posts: Posts | None, program: Program, *, name: str = "today"
) -> Deployment:
    """Read a deployment: columns `responder_type`, `post_id`, `shift_pattern`, `count`.

    Parameters
    ----------
    posts
        Of the study; None where these could not be read, and which post is meant is not looked at.

    Raises
    ------
    InputError
        With every row that names something unknown, or whose count is not a whole number.
    """
    table = read_table(path, DEPLOYMENT, may_be_empty=True)
    found = match_columns(DEPLOYMENT, list(table.frame.columns), where=path.name, frame=table.frame)
    faults = Faults(path.name)
    known_posts = None if posts is None else set(posts.frame["post_id"])
    columns = {
        ours: as_text(table.frame[theirs]).map(as_written).tolist()
        for ours, theirs in found.items()
    }
    pairs: list[tuple[Option, int]] = []
    for i, row in enumerate(table.rows):
        cells = {"count": "1"} | {ours: values[i] for ours, values in columns.items()}
        where = f"row {row}"
        kind = program.responder_types.get(cells["responder_type"])
        if kind is None:
            known = ", ".join(program.responder_types)
            faults.add(
                where,
                f"responder type {cells['responder_type']!r} is not in the program",
                f"known: {known}",
            )
        if known_posts is not None and cells["post_id"] not in known_posts:
            faults.add(
                where,
                f"post {cells['post_id']!r} is not among the study's posts",
                f"there are: {_some(posts)}",
            )
        count = cells["count"].removesuffix(".0")
        whole = count.isdecimal() and len(count) <= 6
        if not whole:
            faults.add(where, f"count {cells['count'][:20]!r} is not a whole number of 0 or more")
        if kind is None:
            continue
        pattern = cells.get("shift_pattern", "") or (
            kind.shift_patterns[0] if len(kind.shift_patterns) == 1 else ""
        )
        if pattern not in kind.shift_patterns:
            known = ", ".join(kind.shift_patterns)
            faults.add(
                where, f"shift pattern {pattern!r} is not one of the type's", f"known: {known}"
            )
        if whole:
            option = Option(cells["responder_type"], cells["post_id"], pattern)
            pairs.append((option, int(count)))
    for number, detail in table.bad_rows.itertuples(index=False):
        faults.add(f"row {number}", f"could not be split into columns ({detail})")
    faults.raise_if_any()
    return Deployment.of(name, pairs)


# Posts that a message names: of a county's hundreds, the first show how they are written.
_NAMED = 20


def _some(posts: Posts | None) -> str:
    """Name the posts that there are, not all of hundreds."""
    ids = [] if posts is None else posts.frame["post_id"].astype(str).tolist()
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return ", ".join(ids[:_NAMED]) + more


def deployment_frame(deployment: Deployment, posts: Posts) -> pd.DataFrame:
    """Return a deployment as a table with the posts' names."""
    names = dict(zip(posts.frame["post_id"], posts.frame["name"], strict=True))
    rows = [(*option, names.get(option.post_id, ""), count) for option, count in deployment.counts]
    return pd.DataFrame(
        rows, columns=["responder_type", "post_id", "shift_pattern", "post_name", "count"]
    )
