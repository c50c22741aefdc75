"""JSON from outside, read with limits: size, depth, numbers and text that can be stored and sent on."""

import json
import math
from typing import Any

from commands.broker.errors import Malformed
from commands.broker.records import Json

LONGEST = 1_000_000
"""Bytes of a body. The API server takes at most 1.5 MB for an object that parameters end up in."""
DEEPEST = 32

_KINDS = ((bool, "a boolean"), (str, "a string"), (list, "an array"), (dict, "an object"), ((int, float), "a number"))


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_finite)


def read_object(raw: bytes, what: str = "the body") -> Json:
    """The JSON object in `raw`. Raises Malformed that says what is wrong with it, never what it holds."""
    try:
        value = _DECODER.decode(raw.decode())
    except UnicodeDecodeError:
        raise Malformed(f"{_start(what)} is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise Malformed(
            f"{_start(what)} is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        ) from None
    except RecursionError:
        raise _too_deep(what) from None
    except ValueError:  # NaN, an infinity, or a number of thousands of digits
        raise Malformed(f"{_start(what)} holds a number that is none, or too large.") from None
    if not isinstance(value, dict):
        raise Malformed(f"{_start(what)} must be a JSON object; it is {kind(value)}.")
    if raw.count(b"{") + raw.count(b"[") > DEEPEST or b"\\u" in raw:
        _check(value, what)
    return value


def _check(value: Json, what: str) -> None:
    """Raises Malformed for what nests too deeply, and for text that is no text (lone surrogates)."""
    level: list[Any] = [value]
    for _ in range(DEEPEST):
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below += item.keys()
                below += item.values()
            elif isinstance(item, list):
                below += item
            elif isinstance(item, str) and not item.isascii():
                _check_text(item, what)
        if not below:
            return
        level = below
    raise _too_deep(what)


def _check_text(text: str, what: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Malformed(f"{_start(what)} holds half of a surrogate pair, which is no character.") from None


def _too_deep(what: str) -> Malformed:
    return Malformed(f"{_start(what)} nests more than {DEEPEST} levels deep.")


def _start(what: str) -> str:
    return what[:1].upper() + what[1:]


def kind(value: object) -> str:
    """What a JSON value is, in words."""
    for kinds, words in _KINDS:
        if isinstance(value, kinds):
            return words
    return "null"
