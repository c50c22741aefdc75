"""`python -m bot`, installed as `tessera`."""

import os
import sys


def main() -> None:
    """Run the terminal application; heavy imports wait until a command needs them."""
    # Pydantic has no plugin here, and looking for one reads the metadata of every package at each start.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from bot.terminal.app import app
    from bot.terminal.pipes import CLOSED, read_or_not

    with read_or_not():
        app(prog_name="tessera")  # ends the program, unless nobody reads what it prints
    sys.exit(CLOSED)


if __name__ == "__main__":
    main()
