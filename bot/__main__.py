"""`python -m bot`, installed as `tessera`."""


def main() -> None:
    """Run the terminal application; heavy imports wait until a command needs them."""
    from bot.terminal.app import app

    app(prog_name="tessera")


if __name__ == "__main__":
    main()
