"""From what was said in Slack to a command and its arguments: `/tessera`, mentions, follow-up words."""

from dataclasses import dataclass

from bot.slack.memory import Thread
from commands.base.registry import commands
from commands.base.request import Approval

APP = "tessera"
ALIASES = {"recheck": "diagnose", "re-check": "diagnose", "again": "diagnose", "?": "help"}


@dataclass(frozen=True)
class Understood:
    """A command with its arguments, as it will be run; with somebody's yes when it comes from such a button."""

    command: str
    text: str
    approval: Approval | None = None

    def __str__(self) -> str:
        return f"{self.command} {self.text}".strip()


def understand_command(command: str, text: str) -> Understood:
    """A slash command: `/tessera SUB ARGUMENTS`, or a command of its own."""
    return understand_words(text, None) if command == APP else Understood(command, text)


def understand_words(text: str, thread: Thread | None) -> Understood:
    """Words to the bot. In a thread about something, a follow-up word alone, or one followed by a question, is about
    that: `why`, `logs please`, `recheck`. One name after it names something else: `logs deploy/pg`.
    """
    said = text.strip().removeprefix("/").strip()
    first, _, rest = said.partition(" ")
    word = first.lower().rstrip(".,!?:;") or first
    if word == APP:
        return understand_words(rest, thread)
    if not word:
        return Understood("help", "")
    name = ALIASES.get(word, word)
    found = commands().get(name)
    about_thread = thread is not None and found is not None and found.follow_up and name != "help"
    if thread is not None and about_thread and not _names_something(rest):
        return Understood(name, about(thread))
    return Understood(name, rest.strip())


def about(thread: Thread) -> str:
    """A thread's target as arguments."""
    return f"{thread.target} -n {thread.namespace}" if thread.namespace else thread.target


def _names_something(rest: str) -> bool:
    words = rest.split()
    if len(words) == 1:
        return words[0].rstrip("?!.") not in ("please", "now", "again", "it", "this", "")
    return len(words) == 3 and words[1] in ("-n", "--namespace")
