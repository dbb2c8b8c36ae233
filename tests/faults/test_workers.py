"""Worker processes that Ctrl-C passes over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from coresponse.data.workers import without_ctrl_c


@pytest.mark.skipif(
    not hasattr(signal, "pthread_sigmask"), reason="the system has no masks of signals"
)
def test_a_process_started_without_ctrl_c_does_not_hear_it_and_this_one_hears_it_afterwards() -> (
    None
):
    hears = "import os, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    code = f"{hears}os.kill(os.getpid(), signal.SIGINT); print('lives')"

    def ask() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )

    with without_ctrl_c():
        deaf = ask()
    assert deaf.stdout == "lives\n"
    assert "KeyboardInterrupt" in ask().stderr
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    try:
        with (
            pytest.raises(KeyboardInterrupt),
            without_ctrl_c(),
        ):  # at the end at the latest: another thread may take it
            os.kill(os.getpid(), signal.SIGINT)
        assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == mask
    finally:
        signal.signal(signal.SIGINT, before)
