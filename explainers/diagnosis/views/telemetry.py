"""Calls that only report how a program does: no pod is unready because its spans, metrics or logs find no taker."""

import re

from explainers.diagnosis.logs.connections import Connection
from explainers.diagnosis.views.addresses import Address
from explainers.patterns import pattern

_VARIABLE = pattern(
    r"^(?:OTEL|OTLP|JAEGER|ZIPKIN|DD|DATADOG|STATSD|SENTRY|NEW_?RELIC|ELASTIC_APM|PYROSCOPE|HONEYCOMB|SIGNOZ)_"
    r"|(?:^|_)(?:TRACING|TRACES?|TELEMETRY|PUSHGATEWAY|STATSD|METRICS?|LOGSTASH|FLUENTD?|LOKI|GELF|SYSLOG|LOG(?:S|GING)?)"
    r"_(?:\w+_)?(?:URLS?|URI|ENDPOINT|HOST|ADDR\w*|SERVER|DSN)$"
)
_SENDS = pattern(
    r"\b(?:export|push|send|sent|report|flush|ship|upload)\w*\b.{0,30}\b(?:spans?|traces?|metrics?|telemetry|profiles?)\b"
    r"|\bmetrics? (?:push|export|upload)|/v1/(?:traces|metrics|logs)\b|/api/v2/spans\b",
    re.IGNORECASE,
)


def of_telemetry(line: Connection | None, meant: list[Address]) -> bool:
    """Whether a complaint, or the variables in which all that it may mean is written, speak of telemetry."""
    if line and _SENDS.search(line.line):
        return True
    return bool(meant) and all(_VARIABLE.search(one.variable) for one in meant)
