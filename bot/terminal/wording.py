"""The forms of the chat as they are typed in the terminal."""

import pkgutil
import re
from functools import cache

import commands


def typed_here(text: str, command: str = "") -> str:
    """`/diagnose web` becomes `tessera diagnose web`: of `command` wherever it stands, of the others in backticks and
    behind `/tessera`, since a path may be called like a command."""
    names = "|".join(module_names())
    text = re.sub(rf"`/(?:tessera )?({names})(?=[ `])", r"`tessera \1", text)
    text = re.sub(rf"(?<![\w/])/tessera (?=(?:{names})\b)", "tessera ", text)
    return re.sub(rf"(?<![\w/])/{re.escape(command)}\b", f"tessera {command}", text) if command else text


@cache
def module_names() -> tuple[str, ...]:
    """The modules of commands, each named as its command; none of them is imported for that."""
    return tuple(module.name for module in pkgutil.iter_modules(commands.__path__) if not module.ispkg)
