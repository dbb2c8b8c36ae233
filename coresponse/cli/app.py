"""``coresponse app``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from coresponse.cli.common import Exit, StudyArgument
from coresponse.cli.terminal import console


def app(
    folder: StudyArgument,
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="Default: 8750, or any that is free; 0: any that is free."
        ),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Searches at one time; each is a process.")
    ] = 2,
    public_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST",
            help="Name under which a reverse proxy with a login shows the page; may be repeated.",
        ),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            help="Holds the key to the page, for a proxy that sends it; default: a new one."
        ),
    ] = None,
    open_browser: Annotated[
        bool, typer.Option("--open", help="Open the page in the browser.")
    ] = False,
) -> None:
    r"""Open the what-if page.

    Change limits and assumptions, move posts, search, stop, compare plans.

    Serves this machine only (127.0.0.1) until Ctrl-C; the address that is printed holds a key.
    Every plan found is kept in STUDY/plans. Needs the extra: pip install 'coresponse\[app]'. How to
    show it to others: docs/app.md.
    """
    from coresponse.data.errors import OptionalPackageError

    try:
        import fastapi  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise OptionalPackageError("the page needs: pip install 'coresponse[app]'") from error
    from coresponse.app.serve import serve
    from coresponse.app.server import make_app
    from coresponse.app.worker import work
    from coresponse.study.folder import open_study

    def tell(address: str) -> None:
        console().print(f"The page: {address}", markup=False, soft_wrap=True)
        console(stderr=True).print(
            "Keep the address to yourself. Ctrl-C ends the page; its plans stay.", markup=False
        )
        if open_browser:
            import webbrowser

            webbrowser.open(address)

    study = open_study(folder)
    serve(
        lambda gate: make_app(study, gate, work, workers=workers),
        port=port,
        public_hosts=public_host or (),
        token_file=token_file,
        tell=tell,
    )
    # all plans are on disk and all workers have ended; taking down the interpreter would keep
    # people waiting for seconds
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(Exit.DONE)
