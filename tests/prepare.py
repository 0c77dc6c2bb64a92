"""What tests need beyond the locked requirements, installed where it may be: Debian, as root. Run by `make test`.

Rule: quick when all is there, one line when something is not, and never a failure: tests that lack something say so.
"""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

#: Debian's package → what shows that it is there.
BROWSER = {"chromium": Path("/usr/bin/chromium"), "fonts-noto-cjk": Path("/usr/share/fonts/opentype/noto")}
_LIMIT = 600


def main() -> None:
    """Install what is missing, or say what is."""
    missing = [name for name, place in wanted().items() if not place.exists()]
    if not missing:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print(f"Tests that need {', '.join(missing)} will be skipped: they are installed only on Debian, as root.")
        return
    print(f"Installing {', '.join(missing)} for the tests (once) …", flush=True)
    if not (installed(missing) or (updated() and installed(missing))):
        print(f"{', '.join(missing)} could not be installed; tests that need them will be skipped.")


def wanted() -> dict[str, Path]:
    """Debian's packages and their marks: the browser, and the mail servers where those tests stand."""
    try:
        mail = importlib.import_module("tests.mail.prepare_mail")
    except ModuleNotFoundError:
        return BROWSER
    packages: Iterable[str] = mail.packages()
    return BROWSER | {name: Path(f"/usr/share/doc/{name}") for name in packages}


def updated() -> bool:
    """Whether the list of packages could be brought up to date."""
    return _ran("apt-get", "update", "-q")


def installed(names: list[str]) -> bool:
    """Whether all could be installed."""
    return _ran("apt-get", "install", "-q", "-y", "--no-install-recommends", *names)


def _ran(*command: str) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, timeout=_LIMIT, stdin=subprocess.DEVNULL, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


if __name__ == "__main__":
    main()
