"""Document text to Slack's mrkdwn: escaped, inline code kept, nothing formatted by accident.

Source: https://docs.slack.dev/messaging/formatting-message-text.
"""

import re

_ACCIDENT = re.compile(r"(?<!\w)([*_~])(?=\S)")
_BROKEN = "\u200b"


def escape(text: str) -> str:
    """The three characters that Slack reads as mark-up: & < >."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mrkdwn(text: str) -> str:
    """Document text as mrkdwn: `backticks` stay inline code, other signs lose their power to format."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        parts[-2:] = [f"{parts[-2]}'{parts[-1]}"]
    return "".join(_code(part) if index % 2 else _words(part) for index, part in enumerate(parts))


def plain(text: str) -> str:
    """Document text for notifications and screen readers: no mark-up, still escaped."""
    return _words(text.replace("`", ""))


def code_block(text: str) -> str:
    """Text as a block that is copied whole; three backticks in a row would end it and are parted."""
    return f"```{escape(_printable(text).replace('```', f'`{_BROKEN}`{_BROKEN}`'))}```"


def link(title: str, url: str) -> str:
    """A link, or the title with the address as text when the address is none that Slack links."""
    if re.fullmatch(r"https?://[^\s|<>]+", url):
        return f"<{escape(url)}|{escape(title.replace('|', '/')) or escape(url)}>"
    return f"{mrkdwn(title)} {mrkdwn(url)}".strip()


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, the cut marked and no escape broken in two."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    amp = kept.rfind("&")
    if amp > len(kept) - 6 and ";" not in kept[amp:]:
        kept = kept[:amp]
    return kept + "…"


def _words(text: str) -> str:
    return _ACCIDENT.sub(rf"\1{_BROKEN}", escape(_printable(text)))


def _code(text: str) -> str:
    return f"`{escape(_printable(text))}`" if text.strip() else escape(text)


def _printable(text: str) -> str:
    """Without the control characters that Slack refuses or drops; lines and tabs stay."""
    return "".join(sign for sign in text if sign in "\n\t" or (ord(sign) >= 0x20 and not 0x7F <= ord(sign) < 0xA0))
