"""A small study of the sample city, for the questions that budget offices ask."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd

from coresponse.data.sample_city import sample_folder

JUDGING = "\n[judging]\nreplications = {0}\nweeks = {0}\nholdout_share = 0\n"


def budget_study(folder: Path, *, every: int = 12, judged: int = 2) -> Path:
    """The sample city with a tenth of its calls, today's posts and some more; planned as if units were free, in seconds.

    Parameters
    ----------
    every
        Of how many posts one is kept beside today's.
    judged
        Replications of the replay, and weeks of each.
    """
    shutil.copytree(sample_folder(), folder)
    posts, today = (pd.read_csv(folder / name) for name in ("posts.csv", "today.csv"))
    keep = posts["post_id"].isin(set(today["post_id"]))
    keep.iloc[::every] = True
    posts[keep].to_csv(folder / "posts.csv", index=False)
    pd.read_parquet(folder / "calls.parquet").iloc[::10].to_parquet(folder / "calls.parquet")
    text = (folder / "study.toml").read_text(encoding="utf-8") + JUDGING.format(judged)
    text = text.replace("[objective]", '[objective]\nbusy_units = "free"')  # seconds, not minutes
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder
