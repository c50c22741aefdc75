"""Logs carry the request id and no credential; metrics count what happened."""

import io
import json
import logging
import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.observe.logs import configure_logs, logger, request_logged
from bot.observe.metrics import Metrics
from bot.observe.redact import redact_document
from explainers.document import Attachment, Document, Evidence, Picture, Stage, Tone
from explainers.plan import Plan
from explainers.redaction import HIDDEN, SHAPES, redact, redact_data, redact_shapes

PARTS = ["xo" + "xb", "123456789012", "abcdefghijkl"]
TOKEN = "-".join(PARTS)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logs("INFO", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def entries(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_the_request_id(lines: io.StringIO) -> None:
    with request_logged("r-8f2c1a", command="diagnose"):
        logger("bot.jobs").info("answered", outcome="fault")
    [entry] = entries(lines)
    assert {key: entry[key] for key in ("event", "request_id", "command", "outcome", "level", "logger")} == {
        "event": "answered",
        "request_id": "r-8f2c1a",
        "command": "diagnose",
        "outcome": "fault",
        "level": "info",
        "logger": "bot.jobs",
    }


def test_libraries_log_the_same_way_and_redacted(lines: io.StringIO) -> None:
    with request_logged("r-1"):
        logging.getLogger("some.library").error("token=%s was refused", TOKEN)
    [entry] = entries(lines)
    assert entry["request_id"] == "r-1"
    assert TOKEN not in lines.getvalue()


def test_exceptions_are_redacted_too(lines: io.StringIO) -> None:
    try:
        raise ValueError(f"cannot use {TOKEN}")
    except ValueError:
        logger("x").exception("failed")
    assert TOKEN not in lines.getvalue()
    assert "ValueError" in lines.getvalue()


def test_objects_are_shown_redacted(lines: io.StringIO) -> None:
    logger("x").warning("failed", error=ValueError(f"cannot use {TOKEN}"), body=TOKEN.encode(), seen={TOKEN}, n=3)
    [entry] = entries(lines)
    assert TOKEN not in lines.getvalue()
    assert (entry["error"], entry["n"]) == (f"ValueError('cannot use {HIDDEN}')", 3)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"sent {TOKEN}.", f"sent {HIDDEN}."),
        ("postgres://shop:s3cret@pg:5432/shop", f"postgres://shop:{HIDDEN}@pg:5432/shop"),
        ("amqp://shop:p@ss@mq:5672,amqp://b", f"amqp://shop:{HIDDEN}@mq:5672,amqp://b"),
        ("shop:s3cret@tcp(db:3306)/shop", f"shop:{HIDDEN}@tcp(db:3306)/shop"),
        ("postgres://app:p@ss/w#rd@pg:5432/shop", f"postgres://app:{HIDDEN}@pg:5432/shop"),
        ("postgres://app:$(PASSWORD)@pg/shop", "postgres://app:$(PASSWORD)@pg/shop"),
        ("postgres://pg:5432/a@b", "postgres://pg:5432/a@b"),
        ("redis-server --requirepass hunter2 --dir /d", f"redis-server --requirepass {HIDDEN} --dir /d"),
        ("requirepass hunter2\ndir /d", f"requirepass {HIDDEN}\ndir /d"),
        ("DB_PASSWORD=hunter2 next", f"DB_PASSWORD={HIDDEN} next"),
        ('{"api_key": "abc def", "a": 1}', f'{{"api_key": {HIDDEN}, "a": 1}}'),
        ("Authorization: Bearer abcdefgh1234", f"Authorization: Bearer {HIDDEN}"),
        ("http://127.0.0.1/commands/T1/abc-def", f"http://127.0.0.1/commands/T1/{HIDDEN}"),
        ("-----BEGIN RSA PRIVATE KEY-----\nabc", HIDDEN),
        ("could not find secret web-tls in shop", "could not find secret web-tls in shop"),
        ("https://kubernetes.io/docs/", "https://kubernetes.io/docs/"),
    ],
)
def test_redact(text: str, left: str) -> None:
    assert redact(text) == left


LOOKED_FOR = [(parts, shape) for parts, shape, _ in SHAPES if parts and "(?<" not in shape.pattern]


@pytest.mark.parametrize(("parts", "shape"), LOOKED_FOR, ids=[parts[0] for parts, _ in LOOKED_FOR])
@given(data=st.data())
def test_what_has_the_shape_of_a_credential_has_what_is_looked_for_first(
    parts: tuple[str, ...], shape: re.Pattern[str], data: st.DataObject
) -> None:
    text = data.draw(st.from_regex(shape))
    assert any(part in text for part in parts)


@pytest.mark.parametrize(
    "credential",
    [
        "xoxb-1234", "xoxp-1234-abcd", "xapp-1-A1", "xwfp-12345", "https://hooks.slack.com/services/T1/B1/abc",
        *(f"{kind}_{'a1' * 12}" for kind in ("ghp", "gho", "ghu", "ghs", "ghr", "github_pat")), f"glpat-{'a1' * 10}",
        "AKIA" + "0123456789ABCDEF", "eyJhbGciOiJ.eyJzdWIiOiI.c2ln", "basic YWRhOnNlY3JldA==", "BEARER abcdefgh",
    ],
)  # fmt: skip
def test_each_shape_of_a_credential_goes(credential: str) -> None:
    left = redact_shapes(f"web: {credential} refused")
    assert HIDDEN in left
    assert credential not in left


def test_of_a_document_output_is_searched_and_commands_stay() -> None:
    shown = redact_document(
        Document(Tone.FAULT, f"uses {TOKEN}", evidence=(Evidence("env", "TOKEN_NAME=web"),), code="PASSWORD=x1")
    )
    assert (shown.headline, shown.evidence[0].text) == (f"uses {HIDDEN}", "TOKEN_NAME=web")
    assert shown.code == f"PASSWORD={HIDDEN}"


def test_no_part_of_a_document_that_is_shown_keeps_a_credential() -> None:
    """Every text of every part, found by walking the dataclass: a new part that is forgotten fails here."""
    document = Document(
        Tone.FAULT,
        TOKEN,
        facts=(TOKEN,),
        stages=(Stage("build", detail=TOKEN),),
        evidence=(Evidence("env", TOKEN),),
        consequences=(TOKEN,),
        fine=(TOKEN,),
        explanation=TOKEN,
        picture=Picture(TOKEN, TOKEN),
        code=TOKEN,
        attachment=Attachment("shop.log", "All of the output", TOKEN),
    )
    filled = {field.name for field in fields(Document) if getattr(document, field.name) not in ((), "", None, Plan())}
    assert {field.name for field in fields(Document)} - filled == {"unchecked", "plan", "reading", "buttons"}
    assert TOKEN not in repr(redact_document(document))


def test_long_words_cost_no_more_than_their_length() -> None:
    assert redact("a.b-" * 20_000).startswith("a.b-")


def test_values_under_telling_keys_go() -> None:
    data = {"token": "abc", "deep": [{"response_url": "https://x"}], "user": "U1", "secret": ""}
    assert redact_data(data) == {"token": HIDDEN, "deep": [{"response_url": HIDDEN}], "user": "U1", "secret": ""}


@given(st.text())
def test_redacting_twice_is_redacting_once(text: str) -> None:
    assert redact(redact(text)) == redact(text)


def test_metrics_tell_commands_durations_failures_and_depth() -> None:
    metrics = Metrics()
    metrics.watch_queue(lambda: 3)
    with metrics.timed("diagnose"):
        metrics.answered("diagnose", "fault")
    metrics.failed("slack")
    text = metrics.text().decode()
    assert 'tessera_commands_total{command="diagnose",outcome="fault"} 1.0' in text
    assert 'tessera_command_duration_seconds_count{command="diagnose"} 1.0' in text
    assert 'tessera_failures_total{part="slack"} 1.0' in text
    assert "tessera_queue_depth 3.0" in text
