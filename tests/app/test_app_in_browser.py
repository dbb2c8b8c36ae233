"""The what-if page as people use it, in headless Chromium."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.app.conftest import make_study
from tests.conftest import PATIENCE_S, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_main_path_with_a_stop_in_a_search_two_tabs_and_a_restart(
    starter: Callable[..., Any], tab: Callable[..., Any], tmp_path: Path
) -> None:
    stated = make_study(tmp_path / "study") / "study.toml"
    text = stated.read_text(encoding="utf-8").replace('"mean_response"', '"worst_district"')
    stated.write_text(text, encoding="utf-8")
    server = starter()
    ann, ben = tab(of=server), tab(of=server)
    assert "token" not in ann.page.url

    # Ann searches for long and watches; Ben asks something else meanwhile
    # the worst of many districts keeps the bound from closing for minutes
    large = {
        "units-co_responder_unit": "14",
        "units-on_call_clinician": "6",
    }
    shares = {"busy-co_responder_unit": "60", "busy-on_call_clinician": "60"}
    ann.search("Ann's", ends=False, busy="stated", time_limit="3600", **large, **shares)
    ben.search(
        "Ben's", ends=False, busy="free", goal="mean_response", **{"units-co_responder_unit": "3"}
    )
    shown = ann.page.locator(
        "#search-figures", has_text=re.compile(r"Best so far\s*[\d.,]+[\s\S]*Gap\s*[\d.]+%")
    )
    shown.wait_for()
    # a tab that is loaded again in the middle goes on with its search
    ann.page.reload()
    ann.page.wait_for_selector("body[data-running=yes]")
    shown.wait_for()

    # the stop returns her best found, with its gap; Ben's search is not disturbed
    ann.page.click("#stop")
    ann.page.wait_for_selector("body[data-running=no]")
    assert ann.page.is_hidden("#said")
    assert re.search(
        r"Ann's — the model's plan; in the model, this plan is best found, gap [\d.]+ ?%.*stopped",
        ann.text("#answer-body"),
    )
    ben.page.wait_for_selector("body[data-running=no]")
    assert re.search(
        r"Ben's — (the model's plan; in the model, this plan|chosen in the replay; in the model, "
        "another deployment) is proven optimal",
        ben.text("#answer-body"),
    )
    ann.page.reload()
    ann.page.wait_for_selector("body[data-ready=yes]")
    assert set(ann.plans) == {"Today", "Ann's", "Ben's"}
    assert ann.page.locator("#units-co_responder_unit").input_value() == "14"
    assert ben.page.locator("#units-co_responder_unit").input_value() == "3"

    # a killed server loses no plan
    before = {
        p["name"]: server.json("GET", f"/api/plans/{p['id']}")["bought"]
        for p in server.json("GET", "/api/plans")
    }
    workers = psutil.Process(server.process.pid).children(recursive=True)
    server.end(kill=True)
    # nor does it leave a worker behind
    assert psutil.wait_procs(workers, timeout=PATIENCE_S)[1] == []
    again = starter(port=server.port)
    after = {
        p["name"]: again.json("GET", f"/api/plans/{p['id']}")["bought"]
        for p in again.json("GET", "/api/plans")
    }
    assert after == before
    assert set(after) == {"Ann's", "Ben's"}
    ben.page.goto(again.entry)
    ben.page.wait_for_selector("body[data-ready=yes]")
    # the tab's draft is still there
    assert ben.page.locator("#units-co_responder_unit").input_value() == "3"
    assert set(ben.plans) == {"Today", "Ann's", "Ben's"}
    # a study that is edited meanwhile is not what the page plans with, and it says so
    assert ben.page.is_hidden("#said")
    with (server.folder / "study.toml").open("a", encoding="utf-8") as study:
        study.write("# another thought\n")
    ben.search("With what was read", busy="free", **{"units-co_responder_unit": "3"})
    assert ben.text("#said").startswith("Changed since this page was started: study.toml. ")
    ann.clean()
    ben.clean()


def test_dragging_pinning_and_comparing(tab: Callable[..., Any]) -> None:
    found = tab()
    page = found.page
    found.search("First", busy="free")
    used = {row[1] for row in plan(page, "First")["bought"]}

    # a dragged post is put on the roads again and its travel is worked out anew
    box = page.locator("#map").bounding_box()
    face = page.locator(".post .face:not(.empty)").first.bounding_box()
    x, y = face["x"] + face["width"] / 2, face["y"] + face["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 12, y + 4, steps=4)
    page.mouse.move(x + 16, y + 6, steps=3)
    page.mouse.up()
    page.wait_for_selector("#said.note")
    assert "road" in found.text("#said")
    assert "1 moved" in found.text("#changes")
    assert page.locator(".face.moved").count() == 1
    assert box is not None

    # pins, by keyboard-friendly lists
    other = page.evaluate(
        """used => [...document.querySelectorAll('#posts-body tr[data-post]')]
          .map(r => r.dataset.post).find(p => !used.includes(p))""",
        sorted(used),
    )
    page.locator(f"tr[data-post='{other}'] select").select_option("must")
    barred = min(used)
    page.locator(f"tr[data-post='{barred}'] select").select_option("not")
    assert page.locator(".pinned.must").count() == page.locator(".pinned.not").count() == 1
    found.search("Second", busy="free")
    second = plan(page, "Second")
    assert other in {row[1] for row in second["bought"]}
    assert barred not in {row[1] for row in second["bought"]}
    assert len(second["asked"]["moved"]) == 1

    # a post moved onto another: both crews are still seen, one beneath the other
    faces = page.locator(".post .face:not(.empty)")
    boxes = [face.bounding_box() for face in faces.all()]
    ids = sorted({row[1] for row in second["bought"]})
    at = page.locator(f"tr[data-post='{ids[0]}'] .place input").evaluate_all(
        "n => n.map(i => i.value)"
    )
    for box, value in zip(
        page.locator(f"tr[data-post='{ids[1]}'] .place input").all(), at, strict=True
    ):
        box.fill(value)
    page.locator(f"tr[data-post='{ids[1]}'] button:has-text('Move')").click()
    page.wait_for_function(
        "before => document.querySelectorAll('.face.moved').length > before", arg=1
    )
    middles = """nodes => nodes.map(e => e.getBoundingClientRect())
      .map(b => [b.x + b.width / 2, b.y + b.height / 2].map(Math.round).join())"""
    places = faces.evaluate_all(middles)
    assert len(set(places)) == len(places) == len(boxes)
    page.locator(f"tr[data-post='{ids[1]}'] button:has-text('Back')").click()

    # side by side, and as a difference on the map
    heads = page.locator("#plans-body thead th").all_inner_texts()
    assert {"Today", "First", "Second"} <= set(heads)
    assert page.locator("#plans-body tbody b").count() >= 3
    page.select_option("#against", label="First")
    assert "Second minus First" in found.text("#legend")
    for view, title in (
        ("depth", "Change in responders"),
        ("share_in_time", "Change in calls not reached"),
    ):
        page.select_option("#view", view)
        assert title in found.text("#legend")
    with page.expect_download() as got:
        page.click("#answer-body a:has-text('deployment.csv')")
    text = Path(got.value.path()).read_text(encoding="utf-8")
    assert text.startswith("responder_type,post_id,shift_pattern,")
    assert text.count("\n") == 1 + len(second["bought"])
    found.clean()


def plan(page: Any, name: str) -> dict[str, Any]:
    script = """async n => {
      const plans = await (await fetch("/api/plans")).json();
      return (await fetch("/api/plans/" + plans.filter(p => p.name === n).pop().id)).text();
    }"""
    found = json.loads(page.evaluate(script, name))
    assert isinstance(found, dict)
    return found


def test_hostile_names_are_shown_as_text(tab: Callable[..., Any], server: Any) -> None:
    found = tab()
    page = found.page
    found.search("<img src=x onerror=window.harm=1>`${window.harm=1}`", busy="free")
    assert "<img src=x" in found.text("#title")
    assert "<img src=x" in found.text("#posts-body")
    assert "<img src=x" in found.text("#plans-body")
    assert (
        page.evaluate("document.querySelectorAll('img, iframe, object, main script').length") == 0
    )
    page.locator(".post").first.dispatch_event("mouseover")
    page.wait_for_timeout(200)
    assert "onerror" not in page.evaluate(
        "[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames()).join()"
    )
    # the policy itself stops what would have come through
    page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<img src=\"data:,\" "
        'onerror="window.harm=1">\')'
    )
    until(  # each look lets what the browser has said so far come in
        lambda: page.evaluate("1") and any("Content Security Policy" in c for c in found.complaints)
    )
    assert page.evaluate("window.harm") is None
    assert found.foreign == []
    # a name longer than its district ends with it
    names = page.locator("#map .district-name bdi").evaluate_all(
        "nodes => nodes.map((n) => [getComputedStyle(n).textOverflow, n.style.maxWidth !== ''])"
    )
    assert names
    assert all(one == ["ellipsis", True] for one in names), names


def test_a_page_older_than_its_server_says_so(
    starter: Callable[..., Any], tab: Callable[..., Any]
) -> None:
    server = starter()
    found = tab(of=server)
    server.end()
    found.page.click("#find")
    found.page.wait_for_selector("#said:not([hidden])")
    assert "does not answer" in found.text("#said")


def test_a_tab_goes_back_to_a_search_whose_answer_was_lost(tab: Callable[..., Any]) -> None:
    """A tab that is loaded again breaks off what it asked, and may hear of that before it is gone."""
    found = tab()
    page = found.page
    page.route("**/api/jobs/*", lambda route: route.abort())
    found.search("Lost", ends=False, time_limit="3600")
    page.wait_for_selector("#said:not([hidden])")
    assert "The server does not answer" in found.text("#said")
    page.unroute_all()
    page.reload()
    page.wait_for_selector("body[data-running=yes]")
    page.click("#stop")
    page.wait_for_selector("body[data-running=no]")
    # and nothing is gone back to once it is over
    page.reload()
    page.wait_for_selector("body[data-ready=yes]")
    assert page.evaluate("sessionStorage.getItem('coresponse-search')") is None


def test_the_report_of_a_plan_and_every_file_that_is_offered(
    tab: Callable[..., Any], server: Any
) -> None:
    found = tab()
    page = found.page
    found.search("For the council", busy="free")
    page.click("#make-report")
    page.wait_for_selector("body[data-running=yes]")
    assert "Making the report" in found.text("#search-title")
    page.wait_for_selector("body[data-running=no]")
    assert "The report is ready" in found.text("#said")
    assert "For the council" in found.text("#reports-body")
    run = server.folder / "results" / plan(page, "For the council")["run"]

    # what is offered is what is on disk, byte for byte, under a name that says of what it is
    page.click("#plan-report summary")
    offered = page.locator("#plan-report a[download]").all()
    assert {a.inner_text() for a in offered} == {
        p.name for p in run.iterdir() if p.is_file() and p.suffix != ".html"
    }
    for link in offered:
        name = link.inner_text()
        _, headers, content = server.ask("GET", link.evaluate("a => new URL(a.href).pathname"))
        assert content == (run / name).read_bytes()
        assert headers["content-disposition"] == f'attachment; filename="{run.name}-{name}"'
    for name in ("plan.json", "plan.gpkg", "posts.parquet"):
        with page.expect_download() as got:
            page.click(f"#plan-report a:text-is('{name}')")
        assert got.value.suggested_filename == f"{run.name}-{name}"
        assert Path(got.value.path()).read_bytes() == (run / name).read_bytes()
    for name, of_run in (
        ("deployment.csv", True),
        ("districts.csv", False),
        ("whatif.json", False),
    ):
        with page.expect_download() as got:
            page.click(f"#answer-body a:text-is('{name}') >> nth=0")
        content = Path(got.value.path()).read_bytes()
        assert got.value.suggested_filename.endswith(f"-{name}")
        assert not of_run or content == (run / name).read_bytes()
        if name == "whatif.json":
            told = json.loads(content)
            assert told["name"] == "For the council"
            # exact: they would tell of single calls
            assert not {"search", "objective", "bound"} & told.keys()
    page.check("#plans-body input >> nth=0")
    with page.expect_download() as got:
        page.click("text=Download the comparison")
    rows = Path(got.value.path()).read_text(encoding="utf-8").splitlines()
    assert rows[0].startswith("plan,status,")
    assert any(row.startswith("For the council,") for row in rows)

    # the pages open, and say what was asked
    for link in ("Open the report", "Open the map"):
        with page.context.expect_page() as opened:
            page.click(f"#plan-report a:has-text('{link}')")
        told = opened.value
        errors: list[str] = []
        told.on("pageerror", lambda e, errors=errors: errors.append(e.message))
        told.wait_for_load_state()
        assert "City <img" in told.inner_text("body")
        if link == "Open the map":  # one plan looks the same on every page
            assert told.locator("#legend_signs .sign").count() == 2
            for part, there in (
                (".signs .sign", "#legend_signs .sign"),
                (".signs .swatch", "#legend_signs .swatch"),  # water and parks
                ("ul:not(.signs) .swatch", "#legend_classes .swatch"),
            ):
                look = "nodes => nodes.map(n => n.outerHTML)"
                assert page.locator(f"#legend {part}").evaluate_all(look) == told.locator(
                    there
                ).evaluate_all(look)
            drawn = [
                p.locator(".crew .sign").first.evaluate("n => n.outerHTML") for p in (page, told)
            ]
            assert drawn[0] == drawn[1]
        assert errors == []
        assert told.evaluate("window.harm") is None
        told.close()
    found.clean()


def test_posts_are_pinned_and_moved_by_mouse_and_by_keys(
    tab: Callable[..., Any], still: Callable[..., None]
) -> None:
    found = tab()
    page = found.page
    # by mouse: a click on the map chooses a post, buttons pin it; its new place is one click
    page.locator(".post .face.empty").nth(3).click()
    page.wait_for_selector("#post-card:not([hidden])")
    page.click("#post-card button:has-text('may not be used')")
    assert page.locator(".pinned.not").count() == 1
    assert (
        page.locator("#posts-body select").evaluate_all(
            "s => s.filter(e => e.value === 'not').length"
        )
        == 1
    )
    page.click("#post-card .close")
    for _ in range(2):
        page.click(".leaflet-control-zoom-in")
        still(page)
    page.select_option("#post-choice", index=9)  # brings it into view
    page.click("#post-card button:has-text('Place by a click')")
    post = page.locator(".face.chosen").bounding_box()
    page.mouse.click(post["x"] + 40, post["y"] + 10)
    page.wait_for_selector(".face.moved")
    page.click("#post-card button:has-text('Put back')")
    page.wait_for_selector(".face.moved", state="detached")
    page.click("#post-card .close")
    assert page.is_hidden("#post-card")

    # by keys alone
    page.focus("#post-choice")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.wait_for_selector("#post-card:not([hidden])")
    for _ in range(2):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "must be used"
    page.keyboard.press("Enter")
    assert page.locator(".pinned.must").count() == 1
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    for _ in range(2):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "North"
    page.keyboard.press("Enter")
    page.wait_for_selector(".face.moved")
    first = page.evaluate("JSON.parse(sessionStorage.getItem('coresponse-draft')).asked.moved")
    # the focus stays where it was
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "North"
    page.keyboard.press("Enter")
    page.wait_for_function(
        "before => "
        "JSON.stringify(JSON.parse(sessionStorage.getItem('coresponse-draft')).asked.moved) !== "
        "before",
        arg=json.dumps(first, separators=(",", ":")),
    )
    second = page.evaluate("JSON.parse(sessionStorage.getItem('coresponse-draft')).asked.moved")
    assert [at[1] for at in second.values()] > [at[1] for at in first.values()]
    found.clean()


def test_figures_of_the_program_and_faults_with_their_cure(tab: Callable[..., Any]) -> None:
    found = tab()
    page = found.page
    page.click("#figures summary")
    page.fill("#figures-filter", "officer: cost")
    assert page.locator(".figure:visible").count() == 1
    page.locator(".figure:visible input").fill("170")
    assert "1 changed" in found.text("#figures-count")
    page.select_option("#busy", "stated")
    page.fill("#busy-co_responder_unit", "55")
    found.search("Dear", ends=False, time_limit="3600")
    page.locator("#search-figures", has_text=re.compile(r"Best so far\s*[\d.]+ min")).wait_for()
    page.click("#stop")
    page.wait_for_selector("body[data-running=no]")
    dear = plan(page, "Dear")
    assert dear["asked"]["figures"] == {"crew_roles.officer.cost_per_hour": 170}
    assert dear["asked"]["busy_shares"] == {"co_responder_unit": 0.55}
    # what cannot be is told with its cure
    found.search("Late", busy="free", standard="70")
    fault = page.locator("label:has(#standard) .fault")
    assert "must be below the 60 min" in fault.inner_text()
    assert page.is_hidden("#said")
    page.locator("#posts-body select").first.select_option("must")
    found.search("None", standard="15", budget="0.000001", busy="free")
    page.wait_for_selector("#answer-body li")
    assert "What clashes" in found.text("#answer-body")
    # what is no number is not searched with: the page says what would do, and leads there, by keys
    # too
    for field, text in (
        ("#units-co_responder_unit", "-3"), ("#units-co_responder_unit", "1.5"), ("#budget", "--"), ("#demand", "1e308"),
    ):  # fmt: skip
        page.focus(field)
        page.keyboard.press("Control+A")
        page.keyboard.type(text)
        assert page.get_attribute(field, "aria-invalid") == "true"
        page.focus("#find")
        page.keyboard.press("Enter")
        page.wait_for_function("id => '#' + document.activeElement.id === id", arg=field)
        told = page.locator(f"label:has({field}) .fault")
        assert re.search(r"^A (whole )?number from \d+ to [\d,]+", told.inner_text())
        assert page.get_attribute(field, "aria-describedby") == told.get_attribute("id")
        assert page.get_attribute("body", "data-running") == "no"
        page.fill(field, "")
    page.locator("#posts-body .place input").first.fill("")
    page.locator("#posts-body .place button").first.click()
    assert "in degrees, such as" in found.text("#posts-body .fault:visible")
    found.clean()
