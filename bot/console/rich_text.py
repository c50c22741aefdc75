"""The `rich_text` block as checks (docs.slack.dev/reference/block-kit/blocks/rich-text-block)."""

from bot.console import limits
from bot.console.schema import Check, array, boolean, by_type, fields, integer, one_of, string, url

_MANY = 1_000
_STYLES = ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink")
_STYLE = fields({}, dict.fromkeys(_STYLES, boolean))


def _inline(**required: Check) -> Check:
    return fields(required, {"style": _STYLE})


_TEXT = _inline(text=string(limits.TEXT_OBJECT * 4))
_LINK = fields(
    {"url": url(limits.BUTTON_URL)},
    {"text": string(limits.TEXT_OBJECT), "unsafe": boolean, "style": _STYLE},
)
_INLINE = by_type(
    {
        "text": _TEXT,
        "link": _LINK,
        "emoji": fields(
            {"name": string(100)},
            {"unicode": string(100), "skin_tone": integer(1, 6), "style": _STYLE},
        ),
        "user": _inline(user_id=string(255)),
        "channel": _inline(channel_id=string(255)),
        "usergroup": _inline(usergroup_id=string(255)),
        "broadcast": _inline(range=one_of("here", "channel", "everyone")),
        "color": _inline(value=string(20)),
        "date": fields(
            {"timestamp": integer(0, 2**53), "format": string(255)},
            {"url": url(limits.BUTTON_URL), "fallback": string(255), "style": _STYLE},
        ),
    }
)
_SECTION = fields({"elements": array(_INLINE, _MANY, 0)})
_CODE = array(by_type({"text": _TEXT, "link": _LINK}), _MANY)
_BORDER = integer(0, 1)
_PART = by_type(
    {
        "rich_text_section": _SECTION,
        "rich_text_preformatted": fields({"elements": _CODE}, {"border": _BORDER, "language": string(50)}),
        "rich_text_quote": fields({"elements": array(_INLINE, _MANY)}, {"border": _BORDER}),
        "rich_text_list": fields(
            {
                "style": one_of("bullet", "ordered"),
                "elements": array(by_type({"rich_text_section": _SECTION}), _MANY),
            },
            {"indent": integer(0, limits.RICH_TEXT_INDENT), "offset": integer(0, 10_000), "border": _BORDER},
        ),
    }
)
RICH_TEXT = fields(
    {"elements": array(_PART, _MANY)},
    {"block_id": string(limits.BLOCK_ID)},
)
