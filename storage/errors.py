"""What can go wrong in the store, in words for whoever started the command.

    StoreError
    ├── BadAddress       the setting `database.url` cannot be read
    ├── CannotConnect    the database did not answer at start
    ├── InUse            another serving process holds this SQLite file
    ├── FileGone         the SQLite file was removed or replaced while it was in use
    ├── Busy             another process kept the SQLite file longer than we wait for it
    ├── NotMigrated      the tables are older than the program, or newer
    └── Refused          a write that would break a rule of the house; the message says which
"""

from __future__ import annotations


class StoreError(Exception):
    """The store cannot do what was asked; the message names the value, the place and the fix."""


class BadAddress(StoreError):
    """`database.url` is not an address of a database that Motline can use."""


class CannotConnect(StoreError):
    """The database did not answer at start."""


class InUse(StoreError):
    """Another serving process holds this SQLite file."""


class Busy(StoreError):
    """Another process wrote to the SQLite file for longer than we wait."""


class FileGone(StoreError):
    """What is written now would be in no file: the one that was opened has been removed or replaced."""


class NotMigrated(StoreError):
    """The tables do not fit the program."""


class Refused(StoreError):
    """A write that the rules of the house forbid."""
