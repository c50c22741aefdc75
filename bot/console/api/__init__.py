"""The Web API methods, one family a module; importing this package registers them all."""

from bot.console.api import chat, conversations, files, team, users, views

__all__ = ["chat", "conversations", "files", "team", "users", "views"]
