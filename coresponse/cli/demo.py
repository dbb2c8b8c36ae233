"""``coresponse demo``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from coresponse.cli.common import JsonFlag, QuietFlag
from coresponse.cli.plan import plan


def demo(
    out: Annotated[
        Path, typer.Option(help="Where to put the sample study and its results.")
    ] = Path("coresponse-demo"),
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Plan the bundled sample city, offline, in under a minute.

    The roads are Manhattan's, from OpenStreetMap; the calls are SYNTHETIC. The folder is an
    ordinary study: change its study.toml and run [bold]coresponse plan[/bold] on it to try things
    out.
    """
    from coresponse.data.sample_city import sample_folder
    from coresponse.study.new import copy_study

    copy_study(sample_folder(), out)
    plan(out, json=json, quiet=quiet)
