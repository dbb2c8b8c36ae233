"""Map and explorer of an internal run.

INTERNAL on screen, on every printed sheet and on a saved picture.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pypdf import PdfReader

from coresponse.data.options import Deployment, Option
from coresponse.maps.content import MapContent
from coresponse.maps.explorer.content import ExplorerContent, ExplorerPoint, Slider
from coresponse.maps.explorer.page import write_explorer
from coresponse.maps.plan_map import write_plan_map

Maker = Callable[..., MapContent]


def explorer(content: MapContent, *, internal: bool) -> ExplorerContent:
    """One slider with one position."""
    plan = Deployment.of("p", {Option("unit", "A", "day"): 1})
    return ExplorerContent(
        title=content.title,
        clock=content.clock,
        target_min=15.0,
        sliders=(Slider("units.unit", "Units", (1.0,), ("1",)),),
        points=(ExplorerPoint((0,), plan, "Proven", 5e5, 0.5, 10.0, 20.0, 3.0),),
        cells=content.cells[["cell_id", "calls_band", "geometry"]].assign(
            mean_with_fallback_s_p0=np.full(9, 300.0)
        ),
        roads=content.roads,
        posts=content.posts,
        responder_titles=content.responder_titles,
        internal=internal,
    )


def write(kind: str, maker: Maker, path: Path, *, internal: bool) -> None:
    if kind == "map":
        write_plan_map(maker(internal=internal), path)
    else:
        write_explorer(explorer(maker(), internal=internal), path)


@pytest.mark.browser
@pytest.mark.parametrize("kind", ["map", "explorer"])
def test_a_page_says_internal_wherever_it_is_seen(
    kind: str, visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    for internal in (True, False):
        path = tmp_path / f"{internal}.html"
        write(kind, content_maker, path, internal=internal)
        seen = visit(path)
        assert ("INTERNAL" in seen.page.title()) == internal
        assert ("INTERNAL" in seen.page.locator("body").inner_text()) == internal
        assert not seen.page.locator(".stamp").is_visible()
        data = seen.page.pdf(format="A4", print_background=True)
        sheets = [sheet.extract_text() for sheet in PdfReader(io.BytesIO(data)).pages]
        assert all(("INTERNAL" in sheet) == internal for sheet in sheets)
        assert seen.requests == []
        assert seen.complaints == []


@pytest.mark.browser
def test_a_saved_picture_says_internal(
    visit: Callable[..., Any], content_maker: Maker, tmp_path: Path
) -> None:
    write("explorer", content_maker, tmp_path / "explorer.html", internal=True)
    page = visit(tmp_path / "explorer.html").page
    page.evaluate("""() => {
      window.drawn = [];
      const draw = CanvasRenderingContext2D.prototype.fillText;
      CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
        window.drawn.push(text);
        return draw.call(this, text, ...rest);
      };
    }""")
    with page.expect_download() as saving:
        page.locator("#save").click()
    assert saving.value.suggested_filename == "INTERNAL-plan.png"
    assert any("INTERNAL" in text for text in page.evaluate("window.drawn"))
