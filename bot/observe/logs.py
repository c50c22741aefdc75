"""Structured logs: one JSON object a line, with the request id bound from the chat to the worker."""

import logging
import sys
from collections.abc import MutableMapping
from contextlib import AbstractContextManager
from typing import IO, Any

import structlog

from explainers.redaction import redact_data

_SHARED: tuple[structlog.typing.Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
_QUIET = ("slack_bolt", "slack_sdk", "dramatiq", "uvicorn.access", "httpx", "websockets")


def configure_logs(level: str = "INFO", stream: IO[str] | None = None) -> None:
    """Send all logs of the process, also those of libraries, as redacted JSON lines to `stream` (stderr).

    Raises ValueError for a level that logging does not know.
    """
    _use_standard_logging()
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_SHARED, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _redacted,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def _use_standard_logging() -> None:
    """Hand every structured line to the standard library: where nobody configured logs, little is said."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger for one module; events are short words, the rest are keys."""
    if not structlog.is_configured():
        _use_standard_logging()
    bound: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return bound


def request_logged(request_id: str, **keys: str) -> AbstractContextManager[None]:
    """While the block runs, every log line of this thread carries the request id."""
    return structlog.contextvars.bound_contextvars(request_id=request_id, **keys)


def _redacted(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    cleaned: dict[str, Any] = redact_data(event)
    return cleaned
