"""Where a Service or a URL says that it is."""

from typing import Any

import pytest

from bot.broker.addresses import of_service, of_url
from commands.base.errors import TesseraError


def service(*ports: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "pg", "namespace": "data"}, "spec": {"ports": list(ports), **spec}}


HOST = "pg.data.svc.cluster.local"
PORTS = [
    ({"port": 5432}, "5432", "postgres"),
    ({"port": 6379}, "6379", "redis"),
    ({"port": 443}, "443", "https"),
    ({"port": 80}, "80", "http"),
    ({"port": 7000}, "7000", "tcp"),
    ({"port": 7000, "protocol": "UDP"}, "7000", "udp"),
    ({"port": 7000, "name": "postgres"}, "7000", "postgres"),
    ({"port": 7000, "name": "http-api"}, "7000", "http"),
    ({"port": 7000, "name": "odd"}, "7000", "tcp"),
    ({"port": 7000, "appProtocol": "mysql", "name": "http"}, "7000", "mysql"),
    ({"port": 7000, "appProtocol": "kubernetes.io/h2c"}, "7000", "http"),
    ({"port": 80, "appProtocol": "example.com/unheard-of", "name": "web"}, "80", "http"),
]


@pytest.mark.parametrize(("port", "number", "scheme"), PORTS)
def test_port_and_scheme_come_from_the_service(port: dict[str, Any], number: str, scheme: str) -> None:
    found = of_service(service(port))
    assert found == {"host": HOST, "port": number, "scheme": scheme, "uri": f"{scheme}://{HOST}:{number}"}


def test_the_entry_wins() -> None:
    both = service({"port": 80, "name": "http"}, {"port": 5432, "name": "db"})
    assert of_service(both, 5432)["uri"] == f"postgres://{HOST}:5432"
    assert of_service(both, 80, "https")["uri"] == f"https://{HOST}:80"


def test_one_of_several_ports_must_be_named() -> None:
    both = service({"port": 80, "name": "http"}, {"port": 5432, "name": "db"})
    with pytest.raises(TesseraError, match=r"several ports: 80 \(http\), 5432 \(db\)"):
        of_service(both)
    with pytest.raises(TesseraError, match=r"no port 81; it has 80 \(http\), 5432 \(db\)"):
        of_service(both, 81)


def test_a_headless_service_gives_the_pods_own_port() -> None:
    headless = {"clusterIP": "None"}
    assert of_service(service({"port": 80, "targetPort": 8080}, **headless))["port"] == "8080"
    assert of_service(service({"port": 5432, "targetPort": "db"}, **headless))["port"] == "5432"
    assert of_service(service({"port": 80, "targetPort": 8080}, **headless), 8080)["port"] == "8080"
    assert of_service(service(**headless)) == {"host": HOST, "scheme": "tcp", "uri": f"tcp://{HOST}"}
    with pytest.raises(TesseraError, match="no port 8080"):
        of_service(service({"port": 80, "targetPort": 8080}), 8080)


def test_an_external_name_is_the_host_itself() -> None:
    alias = {"type": "ExternalName", "externalName": "db.example.com."}
    assert of_service(service({"port": 5432}, **alias))["uri"] == "postgres://db.example.com:5432"
    assert of_service(service(**alias), 6380, "rediss")["uri"] == "rediss://db.example.com:6380"
    assert of_service(service(**alias)) == {"host": "db.example.com", "scheme": "tcp", "uri": "tcp://db.example.com"}
    with pytest.raises(TesseraError, match="ExternalName without a name"):
        of_service(service(type="ExternalName"))


def test_a_url_is_handed_on_as_it_is() -> None:
    url = "https://API.example.com/v1?tenant=a"
    assert of_url(url) == {"uri": url, "host": "api.example.com", "port": "443", "scheme": "https"}
    assert of_url("amqp://mq:5673/x")["port"] == "5673"
    assert of_url("odd://host") == {"uri": "odd://host", "host": "host", "scheme": "odd"}
    with pytest.raises(TesseraError, match="cannot be read"):
        of_url("http://[1")
    with pytest.raises(TesseraError, match="holds a login") as refused:
        of_url("postgres://ana:c4nary@db/shop")
    assert "c4nary" not in str(refused.value)
