"""The command line as a process of its own: ``coresponse``, or ``python -m coresponse``."""

import signal
import sys


def run() -> None:
    """Run the command line; Ctrl-C is clean from the first import to the last clean-up."""
    try:
        from coresponse.cli import main  # noqa: PLC0415 - its packages take a moment, in which Ctrl-C may come

        main()
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        raise SystemExit(130) from None
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


if __name__ == "__main__":
    run()
