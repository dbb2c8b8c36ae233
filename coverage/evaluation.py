"""What a deployment does, by each of the ways it was worked out."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from coresponse.coverage.measures import Measures
from coresponse.coverage.queueing.queueing_measures import QueueingMeasures
from coresponse.coverage.replay.replay_measures import ReplayMeasures
from coresponse.data.cards import EXACT, table_card
from coresponse.data.options import Deployment


@dataclass(frozen=True, eq=False)
class Evaluation:
    """One deployment's figures, three ways, all exact.

    Attributes
    ----------
    deployment
        What they are of.
    nearest
        If the nearest were always free and drives took their expected time: an upper bound, unless
        drives vary.
    queueing, replay
        With busy units; None where the deployment is empty.
    of_history
        Whether the replayed calls are recorded ones, not drawn.
    drives_vary
        Whether the replay's drives vary around the expected ones, which the others take.
    """

    deployment: Deployment
    nearest: Measures
    queueing: QueueingMeasures | None
    replay: ReplayMeasures | None
    of_history: bool = False
    drives_vary: bool = False

    def frame(self) -> pd.DataFrame:
        """Return the figures of all calls, exact.

        Returns
        -------
        pandas.DataFrame
            Index: figure, in seconds, shares or calls a week. Columns: `nearest`, `queueing`, and
            `replay` with its 95% band `replay_low` and `replay_high`.
        """
        columns = {"nearest": self.nearest.overall.iloc[0]}
        if self.queueing is not None:
            columns["queueing"] = self.queueing.overall.iloc[0]
        if self.replay is not None:
            row = self.replay.overall.iloc[0]
            ends = tuple(f"_{end}" for end in ("low", "high"))
            columns["replay"] = row[[name for name in row.index if not name.endswith(ends)]]
            for end in ends:
                part = row[[name for name in row.index if name.endswith(end)]]
                columns[f"replay{end}"] = part.set_axis([n.removesuffix(end) for n in part.index])
        return pd.DataFrame(columns).rename_axis("figure")

    @property
    def headline(self) -> str:
        """Share in time and mean wait in words: by replay, or if the nearest were always free."""
        busy = self.nearest if self.replay is None else self.replay
        row = busy.overall.iloc[0]
        how = "if the nearest were always free" if self.replay is None else "by replay"
        return (
            f"{row['share_in_time']:.1%} in time, mean wait "
            f"{row['mean_with_fallback_s'] / 60:.1f} min, {how}"
        )

    def __repr__(self) -> str:
        """Say it in a line."""
        return f"<Evaluation of {self.deployment.name!r}: {self.headline}>"

    def _repr_html_(self) -> str:
        """Show it in a notebook."""
        return table_card(f"What {self.deployment.name} does", self.frame().round(3), note=EXACT)
