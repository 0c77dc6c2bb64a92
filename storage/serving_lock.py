"""One serving process per SQLite file: a lock file beside the database, held for the life of the process.

Rule: the lock is the kernel's (flock), so it goes with the process however that ends; the file's text is for people.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from storage.errors import InUse


def hold(database: Path) -> IO[str]:
    """The held lock; closing it lets go. Raises InUse, naming PostgreSQL, when another process serves this file."""
    path = database.with_name(database.name + ".lock")
    lock = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        holder = lock.read().strip() or "unknown"
        lock.close()
        raise InUse(
            f"{database} is already served by process {holder}; stop it, or, for several processes, "
            "set database.url to a PostgreSQL database"
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock
