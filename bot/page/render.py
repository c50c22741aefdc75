"""Document → HTML. One self-contained page: no script, nothing loaded from elsewhere."""

import base64
import re
from functools import cache

from jinja2 import Environment, PackageLoader, Template
from markupsafe import Markup, escape

from explainers.document import Document, Picture

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_CODE = re.compile(r"`([^`]*)`")
_CODE_TAG = Markup("<code>{}</code>")


def page(document: Document) -> str:
    """The document as an HTML page; everything in it is escaped."""
    return _template().render(document=document)


@cache
def _template() -> Template:
    environment = Environment(loader=PackageLoader("bot.page", "."), autoescape=True, trim_blocks=True)
    environment.filters.update(inline=inline, plain=plain, data=data)
    return environment.get_template("document.html")


def inline(text: str) -> Markup:
    """Document text as HTML: `backticks` become code, everything is escaped."""
    pieces = _CODE.split(_CONTROL.sub("", text))  # plain, code, plain, …
    return Markup("").join(_CODE_TAG.format(piece) if at % 2 else escape(piece) for at, piece in enumerate(pieces))


def plain(text: str) -> str:
    """Document text without mark-up."""
    return _CONTROL.sub("", text).replace("`", "")


def data(picture: Picture) -> str:
    """A picture as a data URL: shown as an image, so that nothing in it can run."""
    return "data:image/svg+xml;base64," + base64.b64encode(picture.svg.encode()).decode()
