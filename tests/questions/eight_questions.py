"""A small study of the sample city, for the questions that budget offices ask."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd

from coresponse.data.sample_city import sample_folder

JUDGING = "\n[judging]\nreplications = 2\nweeks = 2\nholdout_share = 0\n"


def budget_study(folder: Path) -> Path:
    """The sample city with a tenth of its calls, a few posts, and today's; planned as if units were free, in seconds."""
    shutil.copytree(sample_folder(), folder)
    posts, today = (pd.read_csv(folder / name) for name in ("posts.csv", "today.csv"))
    keep = posts["post_id"].isin(set(today["post_id"]))
    keep.iloc[::12] = True
    posts[keep].to_csv(folder / "posts.csv", index=False)
    pd.read_parquet(folder / "calls.parquet").iloc[::10].to_parquet(folder / "calls.parquet")
    text = (folder / "study.toml").read_text(encoding="utf-8") + JUDGING
    text = text.replace("[objective]", '[objective]\nbusy_units = "free"')  # seconds, not minutes
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder
