"""The tables through time, applied in order by `storage.migrating`."""
