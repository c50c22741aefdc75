"""Importing a command module registers its command: this imports them all, for surfaces that offer every command."""

import pkgutil
from importlib import import_module

import commands


def load_commands() -> None:
    """Import every module of `commands/` (not its base); a second call does nothing more."""
    for module in pkgutil.iter_modules(commands.__path__):
        if not module.ispkg:
            import_module(f"commands.{module.name}")
