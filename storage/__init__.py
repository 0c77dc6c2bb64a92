"""What Motline remembers: one store for all channels, SQLite on a laptop, PostgreSQL on many machines.

Nothing here knows of dialogs, of platforms, or of the house around it. `models.py` is the map of the tables.
"""
