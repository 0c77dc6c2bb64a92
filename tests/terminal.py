"""The program in a process of its own, as people start it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 40


def motline(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MOTLINE_")}
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env={**clean, "PYTHONPATH": str(Path(__file__).parents[1]), "COLUMNS": "200", "LC_ALL": "C.UTF-8", **environ},
        capture_output=True,
        text=True,
        timeout=90,
    )


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def running(folder: Path, **environ: str) -> Iterator[tuple[str, str, subprocess.Popen[str]]]:
    """A `motline run`: its address, its first lines, and the process."""
    port = free_port()
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MOTLINE_")}
    told = folder / "said.txt"
    with told.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"],
            cwd=folder,
            env={
                **clean,
                "PYTHONPATH": str(Path(__file__).parents[1]),
                "MOTLINE_SERVER__PORT": str(port),
                **environ,
            },
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
        )
    try:
        waited = 0.0
        while told.read_text("utf-8").count("\n") < 2 and waited < START_SECONDS and process.poll() is None:
            time.sleep(0.05)
            waited += 0.05
        said = told.read_text("utf-8")
        assert said, "it says nothing"
        yield f"http://127.0.0.1:{port}", said, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
