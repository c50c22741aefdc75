from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.sandbox.controllers.schedules import next_after
from bot.sandbox.node.images import ImageNameError, check_name, normalized
from bot.sandbox.node.network import Address, parse_address
from bot.sandbox.paths import parse_path
from bot.sandbox.protobuf import MAGIC, WireError, decode
from bot.sandbox.quantities import QuantityError, format_quantity, parse_quantity
from bot.sandbox.tablecells import human_duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (119, "119s"), (120, "2m"), (200, "3m20s"), (1080, "18m"), (3 * 3600, "3h"), (5 * 3600 + 720, "5h12m"),
     (30 * 3600, "30h"), (3 * 86400 + 14400, "3d4h"), (9 * 86400, "9d"), (400 * 86400, "400d"), (800 * 86400, "2y70d")],
)  # fmt: skip
def test_durations_read_as_kubectl_writes_them(seconds: int, text: str) -> None:
    assert human_duration(seconds) == text


@pytest.mark.parametrize(
    ("text", "amount"), [("250m", "0.25"), ("64Mi", "67108864"), ("1k", "1000"), ("2", "2"), ("1e3", "1000"), (3, "3")]
)
def test_quantities(text: object, amount: str) -> None:
    assert parse_quantity(text) == Decimal(amount)


def test_quantities_are_written_short() -> None:
    assert format_quantity(Decimal("1.5")) == "1500m"
    assert format_quantity(Decimal(2**26), binary=True) == "64Mi"
    with pytest.raises(QuantityError):
        parse_quantity("lots")


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [("*/15 * * * *", "14:30"), ("0 * * * *", "15:00"), ("5 3 * * 1-5", "03:05"), ("@daily", "00:00")],
)
def test_schedules(schedule: str, expected: str) -> None:
    moment = next_after(schedule, datetime(2026, 11, 20, 14, 20, tzinfo=UTC))
    assert moment is not None
    assert moment.strftime("%H:%M") == expected


def test_schedules_that_cannot_be_read_never_come() -> None:
    assert next_after("every day", datetime(2026, 11, 20, tzinfo=UTC)) is None


def test_image_names() -> None:
    assert normalized("nginx") == "docker.io/library/nginx:latest"
    assert normalized("shop/web:2") == "docker.io/shop/web:2"
    assert normalized("localhost:5000/web") == "localhost:5000/web:latest"
    for name in ("nginx", "localhost:5000/shop/web:2", "ghcr.io/a/b@sha256:" + "a" * 64):
        check_name(name)
    with pytest.raises(ImageNameError):
        check_name("Shop/Bad:::2")


@pytest.mark.parametrize(
    ("text", "address"),
    [("postgres://u:p@pg:5433/shop", Address("pg", 5433)), ("redis:6379", Address("redis", 6379)),
     ("https://web/x", Address("web", 443)), ("web", Address("web", 80)), ("tcp://web:http", Address("web", 80))],
)  # fmt: skip
def test_addresses(text: str, address: Address) -> None:
    assert parse_address(text) == address


def test_paths() -> None:
    scale = parse_path("/apis/apps/v1/namespaces/shop/deployments/web/scale")
    assert scale is not None
    assert (scale.namespace, scale.resource.kind, scale.name, scale.subresource) == (
        "shop",
        "Deployment",
        "web",
        "scale",
    )
    namespace = parse_path("/api/v1/namespaces/shop")
    assert namespace is not None
    assert (namespace.resource.kind, namespace.name) == ("Namespace", "shop")
    for path in (
        "/api/v1/things",
        "/apis/apps/v2/deployments",
        "/api/v1/namespaces/shop/nodes",
        "/api/v1/pods/a/b/c/d",
    ):
        assert parse_path(path) is None


def field(number: int, value: bytes) -> bytes:
    return bytes([number << 3 | 2, len(value)]) + value


def test_protobuf_bodies() -> None:
    kind = field(1, b"v1") + field(2, b"ConfigMap")
    data = field(1, b"k") + field(2, b"v")
    config_map = field(1, field(1, b"a") + field(3, b"shop")) + field(2, data)
    body = MAGIC + field(1, kind) + field(2, config_map)
    assert decode(body) == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a", "namespace": "shop"},
        "data": {"k": "v"},
    }
    for broken in (b"", MAGIC, body[:-3], MAGIC + field(1, field(1, b"v1") + field(2, b"Strange")) + field(2, b"")):
        with pytest.raises(WireError):
            decode(broken)
