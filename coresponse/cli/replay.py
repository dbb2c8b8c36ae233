"""``coresponse replay``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coresponse.cli.common import JsonFlag, QuietFlag, StudyArgument
from coresponse.cli.terminal import ProgressLine, console, print_json


def replay(
    folder: StudyArgument,
    deployment: Annotated[
        list[Path] | None,
        typer.Option(
            help="A deployment as CSV (responder_type, post_id, shift_pattern, count); may be "
            "repeated."
        ),
    ] = None,
    run: Annotated[
        Path | None, typer.Option(help="A plan of results/; default: the newest.")
    ] = None,
    today: Annotated[
        bool, typer.Option("--today", help="Replay only today's deployment (and --deployment).")
    ] = False,
    calls: Annotated[
        str,
        typer.Option(
            help="[bold]drawn[/bold] from the fitted arrivals, or the [bold]real[/bold] calls at "
            "their own times."
        ),
    ] = "drawn",
    replications: Annotated[
        int | None, typer.Option(help="Replays behind each band; default: 20.")
    ] = None,
    weeks: Annotated[
        int | None,
        typer.Option(help="Of drawn calls in each replay; default: as many as give narrow bands."),
    ] = None,
    service_times: Annotated[
        str | None,
        typer.Option(
            help="[bold]auto[/bold]: recorded times where there are enough; or "
            "[bold]program[/bold]."
        ),
    ] = None,
    when_busy: Annotated[
        str | None,
        typer.Option(
            help="A call that finds no unit free: [bold]police[/bold] alone, or [bold]queue[/bold]."
        ),
    ] = None,
    queue_order: Annotated[
        str | None, typer.Option(help="[bold]first_come[/bold] or [bold]priority[/bold].")
    ] = None,
    patience_min: Annotated[
        float | None, typer.Option(help="Mean minutes until a waiting call goes to police.")
    ] = None,
    driving_home: Annotated[
        str | None,
        typer.Option(
            help="Units going home are sent [bold]on_the_way[/bold], or [bold]from_post[/bold] "
            "only."
        ),
    ] = None,
    type_order: Annotated[
        str | None, typer.Option(help="Responder types that go first if free, with commas.")
    ] = None,
    reach_min: Annotated[
        float | None, typer.Option(help="Units are not sent on longer drives.")
    ] = None,
    last_call_min: Annotated[
        float | None, typer.Option(help="No new call in the last minutes of a shift.")
    ] = None,
    record: Annotated[
        bool,
        typer.Option(
            "--record",
            help="Write one record a call to internal/: which unit, when, from where, or why not.",
        ),
    ] = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Replay deployments call by call: who is sent, who waits, who is left to police, and why.

    Today's deployment and the newest plan are set side by side on the same calls and the same
    chances, judged three ways: nearest always free, queueing, and replay with its 95% band. Writes
    results/replay-... with tables and replay.json.
    """
    from coresponse.cli.show_evaluations import show_replays
    from coresponse.publish.replays import publish_replays
    from coresponse.questions.replay import replay as replay_deployments
    from coresponse.results.replay import deployments_to_replay, replays_json, write_replays
    from coresponse.study.folder import open_study
    from coresponse.study.read import read_study

    if calls not in {"drawn", "real"}:
        raise typer.BadParameter("say drawn or real", param_hint="--calls")
    opened = open_study(folder).with_judging(
        replications=replications,
        weeks=weeks,
        service_times=service_times,
        when_busy=when_busy,
        queue_order=queue_order,
        patience_min=patience_min,
        driving_home=driving_home,
        type_order=tuple(type_order.split(",")) if type_order else None,
        reach_min=reach_min,
        last_call_min=last_call_min,
    )
    with ProgressLine(quiet=quiet or json) as progress:
        study = read_study(opened, progress=progress)
        chosen = deployments_to_replay(study, files=deployment or [], run=run, today=today)
        found = replay_deployments(
            study.case, chosen, calls="real" if calls == "real" else "drawn", progress=progress
        )
        told = publish_replays(found)
        recorded = {name: found.call_records(name) for name in chosen} if record else None
        written = write_replays(told, study.folder.results, study.hashes, recorded)
    if json:
        print_json(replays_json(told, written.name, {}) | {"folder": str(written.folder)})
    else:
        show_replays(told, written, console())
