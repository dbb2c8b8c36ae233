"""A column of written addresses, as places on the road network's map."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coresponse.data.addresses.book import AddressBook
from coresponse.data.addresses.text import parse_address
from coresponse.data.errors import InputError

# Gives the city's address book when it is first needed: reading an extract for it takes
# seconds.
Addresses = Callable[[], AddressBook]

WAYS_OUT = (
    "give the city's address points or street centerlines (--addresses FILE, or file under "
    "[addresses]), add coordinates with a geocoder, or, for posts, bring them from OpenStreetMap "
    "(--osm-posts) or let the tool propose them (--propose 40)"
)


# Different addresses of which it is looked up why they are not found: to compare names of streets takes a millisecond.
MOST_EXPLAINED = 200


def match_addresses(
    text: pd.Series[str], addresses: Addresses | None, where: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.object_]]:
    """Find written addresses.

    Parameters
    ----------
    text
        (n,) addresses, '' where there is none.
    where
        The file, for messages.

    Returns
    -------
    x, y
        (n,) meters in the network's CRS; NaN where an address is not known for sure.
    why
        (n,) what is not known of it; of the first :data:`MOST_EXPLAINED`, '' of the others.

    Raises
    ------
    InputError
        If not one is found; the message says what else can be done.
    """
    if addresses is None:
        raise InputError(f"{where}: has addresses and no coordinates -- {WAYS_OUT}")
    try:
        book = addresses()
    except InputError as error:
        raise InputError(
            f"{where}: has addresses and no coordinates, and they cannot be looked up: {error} -- "
            f"{WAYS_OUT}"
        ) from None
    codes, unique = pd.factorize(text)  # a history has few addresses, many times each
    found = np.full((len(unique), 2), np.nan)
    why = np.full(len(unique), "", dtype=object)
    explained = 0
    for i, written in enumerate(unique):
        address = parse_address(str(written)) if written else None
        place = None if address is None else book.find(address)
        if place is not None:
            found[i] = place
        elif written and explained < MOST_EXPLAINED:
            why[i] = book.why_not(address)
            explained += 1
    if not np.isfinite(found).any():
        first = int(np.flatnonzero(why != "")[0])
        raise InputError(
            f"{where}: none of {int((text != '').sum()):,} addresses was found among "
            f"{len(book.streets):,} streets, "
            f"the first is {str(unique[first])!r:.60} ({why[first]}) -- {WAYS_OUT}"
        )
    return found[codes, 0], found[codes, 1], why[codes]
