"""`python -m bot` is `motline`."""

from bot.cli import main

main()
