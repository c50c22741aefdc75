"""Where a service is: host, port, scheme and URI, from a Kubernetes Service or a URL.

Sources: https://kubernetes.io/docs/concepts/services-networking/service/ (appProtocol, headless, ExternalName),
https://www.iana.org/assignments/service-names-port-numbers/ (the numbers).
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from commands.base.errors import TesseraError, UsageError
from explainers.operations.base import Json
from explainers.operations.objects import listed, mapping

DOMAIN = "svc.cluster.local"
BY_NUMBER = {
    22: "ssh", 25: "smtp", 53: "dns", 80: "http", 389: "ldap", 443: "https", 587: "smtp", 636: "ldaps",
    1433: "sqlserver", 1883: "mqtt", 3000: "http", 3306: "mysql", 4222: "nats", 5432: "postgres", 5671: "amqps",
    5672: "amqp", 6379: "redis", 8000: "http", 8080: "http", 8443: "https", 9000: "http", 9042: "cassandra",
    9092: "kafka", 9200: "http", 11211: "memcached", 27017: "mongodb",
}  # fmt: skip
BY_NAME = {
    "http": "http", "https": "https", "web": "http", "http2": "http", "h2c": "http", "grpc": "grpc",
    "ws": "ws", "wss": "wss", "postgres": "postgres", "postgresql": "postgres", "pg": "postgres", "psql": "postgres",
    "redis": "redis", "rediss": "rediss", "mysql": "mysql", "mariadb": "mysql", "mongo": "mongodb",
    "mongodb": "mongodb", "amqp": "amqp", "amqps": "amqps", "rabbitmq": "amqp", "kafka": "kafka", "nats": "nats",
    "mqtt": "mqtt", "ldap": "ldap", "ldaps": "ldaps", "smtp": "smtp", "memcached": "memcached",
    "cassandra": "cassandra", "cql": "cassandra",
}  # fmt: skip
"""Schemes by the name of a port or protocol; of a name with dashes its first part counts, too (`http-api`)."""


def of_url(url: str) -> dict[str, str]:
    """The coordinates of something outside: the URL as it is, and its parts as far as it has them.

    Raises UsageError for what is no URL.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise UsageError(
            f"The entry's URL cannot be read: {error}.", "a URL such as https://api.example.com"
        ) from error
    if parts.username or parts.password:
        raise UsageError("The entry's URL holds a login.", "give it as a credential of the entry, and the URL without")
    number = port or next((number for number, scheme in BY_NUMBER.items() if scheme == parts.scheme), 0)
    found = {"uri": url, "host": host, "port": str(number or ""), "scheme": parts.scheme}
    return {key: value for key, value in found.items() if value}


def of_service(service: Json, port: int = 0, scheme: str = "") -> dict[str, str]:
    """The coordinates of a Service. `port` and `scheme` win over what it says itself; a Service with several ports
    needs the port. Raises UsageError that names the ports."""
    spec, metadata = mapping(service, "spec"), mapping(service, "metadata")
    name, namespace = str(metadata.get("name")), str(metadata.get("namespace"))
    ports = listed(spec.get("ports"))
    if spec.get("type") == "ExternalName":
        return _coordinates(str(spec.get("externalName") or "").rstrip("."), port or _only(ports), ports, scheme)
    headless = spec.get("clusterIP") == "None"
    chosen = _chosen(f"{namespace}/{name}", ports, port, ("port", "targetPort") if headless else ("port",))
    number = port or int(chosen.get("port") or 0)
    if headless and isinstance(chosen.get("targetPort"), int) and not port:
        number = chosen["targetPort"]  # the name gives the pods themselves, and those listen there
    return _coordinates(f"{name}.{namespace}.{DOMAIN}", number, [chosen] if chosen else [], scheme)


def _only(ports: list[Json]) -> int:
    return int(ports[0].get("port") or 0) if len(ports) == 1 else 0


def _chosen(named: str, ports: list[Json], port: int, keys: tuple[str, ...]) -> Json:
    """The port that is meant; an empty one where the Service lists none (a headless one need not)."""
    if not ports:
        return {}
    if port:
        found = [one for one in ports if port in map(one.get, keys)]
        if not found:
            raise UsageError(
                f"The Service {named} has no port {port}; it has {_listed(ports)}.",
                "correct `port` in the catalog entry",
            )
        return found[0]
    if len(ports) > 1:
        raise UsageError(
            f"The Service {named} has several ports: {_listed(ports)}.",
            "say which one with `port` in the catalog entry",
        )
    return ports[0]


def _listed(ports: list[Json]) -> str:
    return ", ".join(f"{one.get('port')}" + (f" ({one['name']})" if one.get("name") else "") for one in ports)


def _coordinates(host: str, number: int, ports: list[Json], scheme: str) -> dict[str, str]:
    if not host:
        raise TesseraError("The Service is an ExternalName without a name.", "set its spec.externalName")
    scheme = scheme or scheme_of(next((one for one in ports if one.get("port")), {}), number)
    found = {"host": host, "port": str(number or ""), "scheme": scheme}
    found["uri"] = f"{scheme}://{host}" + (f":{number}" if number else "")
    return {key: value for key, value in found.items() if value}


def scheme_of(port: Mapping[str, object], number: int) -> str:
    """What one speaks at a port: as its appProtocol, its name or its number says, else `tcp` (`udp`)."""
    for word in (str(port.get("appProtocol") or "").rpartition("/")[2], str(port.get("name") or "")):
        for part in (word.lower(), word.lower().partition("-")[0]):
            if part in BY_NAME:
                return BY_NAME[part]
    if port.get("protocol") == "UDP":
        return "udp"
    return BY_NUMBER.get(number) or BY_NUMBER.get(int(str(port.get("port") or 0)), "tcp")
