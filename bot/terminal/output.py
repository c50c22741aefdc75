"""How a reply is printed."""

from enum import StrEnum


class Output(StrEnum):
    TEXT = "text"
    JSON = "json"
    HTML = "html"
