"""Folium's map as pages carry it."""

from __future__ import annotations

from typing import Any

import folium


class OfflineMap(folium.Map):
    """Folium's map without its links and with a stable id."""

    def __init__(self, name: str) -> None:
        super().__init__(
            tiles=None,
            prefer_canvas=True,
            control_scale=True,
            zoom_snap=0.1,
            zoom_delta=0.5,
            scroll_wheel_zoom=False,
        )
        self.default_js, self.default_css = [], []
        self._id = name

    def script(self) -> str:
        """Return the JavaScript that makes the map in the element of its name."""
        figure: Any = self.get_root()
        figure.render()
        return str(figure.script.render())
