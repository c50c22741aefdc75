"""`python -m bot`, installed as `tessera`."""

import os


def main() -> None:
    """Run the terminal application; heavy imports wait until a command needs them."""
    # Pydantic has no plugin here, and looking for one reads the metadata of every package at each start.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from bot.terminal.app import app

    app(prog_name="tessera")


if __name__ == "__main__":
    main()
