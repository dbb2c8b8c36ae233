"""What is fitted to the calls of a city: when and where they come, service on scene, police."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coresponse.coverage.service.arrival_model import ArrivalModel
from coresponse.coverage.service.arrivals import fit_arrivals
from coresponse.coverage.service.model import fit_service
from coresponse.coverage.service.police import fit_police_arrival
from coresponse.coverage.service.service_model import PoliceModel, ServiceModel
from coresponse.coverage.settings import EvaluationSettings
from coresponse.data.calls.history import CallHistory
from coresponse.data.known_city import KnownCity


def fitted_arrivals(city: KnownCity) -> ArrivalModel:
    """Fit when and where calls come."""
    district = call_districts(city, city.calls)
    return fit_arrivals(city.calls, city.program, periods=city.periods, district=district)


def fit_models(
    city: KnownCity, calls: CallHistory, settings: EvaluationSettings
) -> tuple[ServiceModel, PoliceModel]:
    """Fit service times and police arrivals as the settings say."""
    service = fit_service(calls, city.program, basis=settings.service_times)
    return service, fit_police_arrival(calls, city.program, district=call_districts(city, calls))


def call_districts(city: KnownCity, calls: CallHistory) -> NDArray[np.int32] | None:
    """Return (calls,) position of each call's district by its place on the roads, -1 outside; None without districts."""
    if city.districts is None:
        return None
    node, back = np.unique(calls.frame["node"].to_numpy(), return_inverse=True)
    located = city.districts.locate(*city.roads.place_xy(node))
    return np.asarray(located[back], dtype=np.int32)
