"""How the optimum is searched for."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

# Seconds beyond the model's time limit that choosing and confirming may end at.
REPLAY_S = 30.0


class SolverSettings(BaseModel):
    """How the optimum is searched for."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = Field(
        default="HiGHS",
        description="A PuLP solver: HiGHS, CBC, CPLEX_PY, GUROBI, COPT, SCIP_PY, ...",
    )
    time_limit_s: float = Field(
        default=300.0, gt=0, description="Seconds for the search; the best found is then the plan."
    )
    gap: float = Field(
        default=1e-4, ge=0, description="Relative gap at which an answer counts as proven."
    )
    busy_gap: float = Field(
        default=5e-3,
        ge=0,
        description="The same for a plan with busy units; busy shares themselves are known no "
        "better than to a percent.",
    )

    def gap_with(self, *, busy: bool) -> float:
        """Return the gap of a search with or without busy units."""
        return max(self.gap, self.busy_gap) if busy else self.gap
