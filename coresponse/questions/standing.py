"""How sure a plan is: proven, confirmed or found."""

from __future__ import annotations

from enum import StrEnum


class Standing(StrEnum):
    """What the plan shown is; the model's own status is of the model's deployment alone."""

    MODELS = "the model's plan"
    CHOSEN = "chosen in the replay"
    CONFIRMED = "confirmed in the replay"
    NOT_CONFIRMED = "nothing confirmed"
    NONE = "no plan"

    def in_model(self, message: str) -> str:
        """Say how the search in the model ended, and of which deployment that is: no proof is lent to another."""
        whose = {
            Standing.MODELS: "this plan is ",
            Standing.CHOSEN: "another deployment is ",
            Standing.CONFIRMED: "the model's own deployment is ",
            Standing.NOT_CONFIRMED: "the model's own deployment is ",
        }
        return f"in the model, {whose.get(self, '')}{message}"

    def told(self, message: str) -> str:
        """Say what the plan is, and how the search in the model ended."""
        said = f"{self.value[:1].upper()}{self.value[1:]}"
        model = self.in_model(message)
        return f"{said}. {model[:1].upper()}{model[1:]}"
