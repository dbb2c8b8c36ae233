"""Where memory is short from the start, that is said at once, whatever is asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from coresponse import starting
from coresponse.cli.common import Exit, errors_for_people
from coresponse.data.sample_city import sample_folder
from coresponse.starting import LEAST_ADDRESSES, LEAST_MEMORY, too_little

resource = pytest.importorskip("resource")

ROOT = Path(__file__).resolve().parents[2]
MB = 10**6


def limited(bytes_: int, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "coresponse", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (bytes_, bytes_)),  # noqa: PLW1509
    )


@pytest.mark.skipif(sys.platform != "linux", reason="other systems count addresses in other ways")
@pytest.mark.parametrize("megabytes", [200, 600, 1000, 2000, 2799])
def test_too_few_addresses_are_refused_in_words_before_anything_is_loaded(megabytes: int) -> None:
    process = limited(megabytes * MB, "check", str(sample_folder()))
    _, errors = process.communicate()
    assert process.returncode == Exit.INPUT, errors
    assert errors.count("\n") == 1
    assert f"needs 2.8 GB of address space to start, and {megabytes / 1000:.1f} GB" in errors
    assert "ulimit -v" in errors


@pytest.mark.skipif(sys.platform != "linux", reason="other systems count addresses in other ways")
def test_with_what_is_asked_for_a_study_is_read() -> None:
    process = limited(int(LEAST_ADDRESSES), "check", str(sample_folder()), "--quiet")
    output, errors = process.communicate()
    assert process.returncode == Exit.DONE, errors
    assert "Ready. Next" in output


@pytest.mark.skipif(sys.platform != "linux", reason="other systems count addresses in other ways")
def test_a_command_short_of_memory_ends_when_it_is_told_to(study: Path) -> None:
    process = limited(int(LEAST_ADDRESSES), "plan", str(study), "--json")
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode in {-signal.SIGTERM, Exit.INTERRUPTED}


def test_a_small_machine_or_container_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound = tmp_path / "memory.max"
    monkeypatch.setattr(starting, "_BOUND", bound)
    monkeypatch.setattr(starting, "_addresses", lambda: None)
    bound.write_text("max\n")
    assert too_little() == ""
    bound.write_text(f"{int(LEAST_MEMORY) - 1}\n")
    assert "container has 0.85 GB" in too_little()
    bound.write_text(f"{int(LEAST_MEMORY)}\n")
    assert too_little() == ""
    monkeypatch.setattr(os, "sysconf", lambda name: {"SC_PAGE_SIZE": 4096}.get(name, 131_072 // 2))
    bound.unlink()
    assert "has 0.27 GB" in too_little()


THREADS = """
import os, sys
from coresponse.starting import settle
settle()
import numpy
numpy.ones((400, 400)) @ numpy.ones((400, 400))
print(len(os.listdir("/proc/self/task")), os.environ["OPENBLAS_NUM_THREADS"])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")
@pytest.mark.parametrize(("said", "then"), [(None, "1 1\n"), ("2", None)])
def test_linear_algebra_starts_no_threads_unless_told(said: str | None, then: str | None) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    if said is not None:
        environment["OPENBLAS_NUM_THREADS"] = said
    done = subprocess.run(
        [sys.executable, "-c", THREADS],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == then if then else done.stdout.endswith(f" {said}\n")


def test_a_thread_that_cannot_be_had_is_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, errors_for_people():
        raise RuntimeError("can't start new thread")
    assert ended.value.code == Exit.INPUT
    assert "no further thread may be started here" in capsys.readouterr().err
    with pytest.raises(RuntimeError, match="another"), errors_for_people():
        raise RuntimeError("another")
