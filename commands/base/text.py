"""What people type into a chat, brought to what they mean: pure text, no Slack client.

Slack and phones change text on the way: quotes curl, spaces stop breaking, two hyphens become a dash, names of hosts
become links. A command must not fail because of that.
"""

import re
import unicodedata

MAX_TEXT = 3000
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "‛": "'"})
_DASH_OPTION = re.compile(r"(?<!\S)[—–](?=[A-Za-z])")
_LINK = re.compile(r"<(?P<url>(?:https?|mailto|tel|ftp)[^|<>]*)(?:\|(?P<label>[^<>]*))?>")
_MENTION = re.compile(r"<(?P<sign>[@#!])(?P<id>[^|<>]*)(?:\|(?P<label>[^<>]*))?>")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def normalise(text: str) -> str:
    """Bring chat text to plain text: links to what was typed, mentions to `@ID` or `#name`, straight quotes, one
    space between words, no control characters, at most 3,000 characters.

    Applying it twice gives the same as once. Source of the escapes:
    https://docs.slack.dev/messaging/formatting-message-text (escaping, links, mentions).
    """
    text = _MENTION.sub(_mention, _LINK.sub(_link, text[: MAX_TEXT * 4]))
    for entity, sign in _ENTITIES:
        text = text.replace(entity, sign)
    text = text.translate(_QUOTES)
    text = "".join(_plain(character) for character in text)
    text = _DASH_OPTION.sub(_hyphens, " ".join(text.split()))
    return text.replace("`", "")[:MAX_TEXT].strip()


def without_mention(text: str, user: str) -> str:
    """Chat text without the mention of `user` (the bot's own id), wherever it stands."""
    return re.sub(rf"<@{re.escape(user)}(?:\|[^>]*)?>", " ", text) if user else text


def _link(match: re.Match[str]) -> str:
    label = match["label"]
    if label:
        return label
    return re.sub(r"^(mailto|tel):", "", match["url"])


def _mention(match: re.Match[str]) -> str:
    if match["sign"] == "#":
        return f"#{match['label'] or match['id']}"
    return f"@{match['id']}" if match["sign"] == "@" else f"@{match['label'] or match['id'].split('^')[0]}"


def _plain(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Zs", "Zl", "Zp") or character in "\t\r\n\v\f":
        return " "
    return "" if category in ("Cc", "Cf", "Cs", "Co", "Cn") else character


def _hyphens(match: re.Match[str]) -> str:
    following = match.string[match.end() : match.end() + 2]
    return "-" if len(following) < 2 or not following[1].isalpha() else "--"
