"""How each platform speaks. Nothing here knows of dialogs, of the store, or of the house around it.

`message.py` holds the shapes that travel, `channel.py` the contract, `errors.py` the error tree, `capabilities.py` what
each platform can do as data. Adapters are imported by `registry.py`, and only those that are configured.
"""
