"""Commands in processes forked from one that has everything imported, and has made a plan.

Each starts at once, and can be stopped, killed or starved. Kernels, templates and fonts are loaded
by the plan of a town, the argument, which no command sees: to load them anew is half of what a
command of a small town takes.

Reads one request a line as JSON on standard input and answers with one line each. ``{"arguments":
[...], "output": PATH}`` starts a command in a session of its own, its output in PATH.out and
PATH.err; ``env`` adds to its environment, ``largest_file`` limits the bytes of a file, ``grace_s``
is how long a hung solver is waited for. ``{"wait": PID}`` says its exit code, or null while it
runs."""

import gc
import json
import os
import resource
import signal
import sys
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import coresponse


def serve() -> None:
    """Answer requests; returns in a forked process, where the command is to be run."""
    say("ready")
    for line in sys.stdin:
        asked = json.loads(line)
        if "wait" in asked:
            pid, status = os.waitpid(asked["wait"], os.WNOHANG)
            say(os.waitstatus_to_exitcode(status) if pid else None)
            continue
        pid = os.fork()
        if pid == 0:
            begin(asked)
            return
        say(pid)
    sys.exit()


def say(what: object) -> None:
    """Answer with a line."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def begin(asked: dict[str, Any]) -> None:
    """Become a process of its own, as a shell would start it."""
    os.setsid()
    for descriptor, name in (
        (0, os.devnull),
        (1, f"{asked['output']}.out"),
        (2, f"{asked['output']}.err"),
    ):
        opened = os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.stdin = os.fdopen(0)
    os.environ.update(asked.get("env", {}))
    if "largest_file" in asked:
        resource.setrlimit(resource.RLIMIT_FSIZE, (asked["largest_file"], asked["largest_file"]))
    if "grace_s" in asked:
        import_module("coresponse.optimize.own_clock").GRACE_S = asked["grace_s"]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["coresponse", *asked["arguments"]]
    Path(f"{asked['output']}.begun").touch()  # from here on it is a command that may be interrupted


def warm_up(town: str) -> None:
    """Load what a plan needs; its threads would be missed in forked processes, so they are ended."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        import_module("coresponse.cli.main").app(["plan", town, "--quiet"], standalone_mode=False)
    import_module("highspy").Highs.resetGlobalScheduler(True)


if __name__ == "__main__":
    for module in walk_packages(coresponse.__path__, "coresponse."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    from coresponse.__main__ import run

    warm_up(sys.argv[1])
    gc.collect()
    gc.freeze()  # else every process looks through all of it, and copies the memory it looks through
    serve()
    run()
