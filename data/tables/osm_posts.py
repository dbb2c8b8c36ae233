"""Places of OpenStreetMap that are posts."""

from __future__ import annotations

# OSM amenity to kind of post.
AMENITIES = {
    "police": "station",
    "fire_station": "station",
    "hospital": "hospital",
    "clinic": "clinic",
    "townhall": "townhall",
}
# A value of the tag ``emergency``; its kind is that of other stations.
AMBULANCES = "ambulance_station"
