"""One request to a registry: over TLS, plain only where that is allowed, redirected only without a login."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import urllib3

from bot.registry.failures import speaks_plain, unreachable
from commands.base.errors import Denied, Unavailable
from explainers.builds.references import HUB

HUB_AT = "registry-1.docker.io"
REDIRECTS = 4
_REDIRECTED = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class Limits:
    """Seconds to connect and to wait for bytes, tries of what may be repeated, and bytes of one answer."""

    connect: float = 5.0
    read: float = 20.0
    tries: int = 3
    answer: int = 8 * 1024**2


@dataclass(frozen=True)
class Answer:
    """What came back: any status. `headers` by name in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Wire:
    """Safe to share between threads. `plain` are hosts that may speak plain HTTP; loopback always may."""

    def __init__(self, plain: frozenset[str], authorities: Path | None, limits: Limits) -> None:
        self._may_be_plain = plain
        self._is_plain: set[str] = set()
        self._limits = limits
        retries = urllib3.Retry(
            total=limits.tries - 1,
            other=0,  # TLS: another try sees the same certificate
            redirect=False,
            status_forcelist=(500, 502, 503, 504),
            allowed_methods=("GET", "HEAD"),
            backoff_factor=0.2,
            backoff_jitter=0.2,
            raise_on_status=False,
            respect_retry_after_header=False,
        )
        timeout = urllib3.Timeout(connect=limits.connect, read=limits.read)
        trust = str(authorities) if authorities else None
        self._pool = urllib3.PoolManager(retries=retries, timeout=timeout, ca_certs=trust, maxsize=4)

    def close(self) -> None:
        """Drop the connections."""
        self._pool.clear()

    def is_plain(self, host: str) -> bool:
        """Whether this host was found to speak plain HTTP, and may."""
        return host in self._is_plain

    def send(self, host: str, method: str, path: str, headers: Mapping[str, str]) -> Answer:
        """To a registry. A host that answers TLS in plain HTTP, and may, is remembered. Raises Unavailable, Denied."""
        at = HUB_AT if host == HUB else host
        _no_machinery(at)
        if host not in self._is_plain:
            try:
                return self._follow(f"https://{at}{path}", method, headers)
            except urllib3.exceptions.HTTPError as error:
                if not (speaks_plain(error) and self._plain_allowed(host)):
                    raise unreachable(host, error, self._limits.read) from error
                self._is_plain.add(host)
        return self.fetch(host, f"http://{at}{path}", method, headers)

    def fetch(self, host: str, url: str, method: str, headers: Mapping[str, str]) -> Answer:
        """To an address that was checked. Raises Unavailable and Denied in the name of `host`."""
        try:
            return self._follow(url, method, headers)
        except urllib3.exceptions.HTTPError as error:
            raise unreachable(host, error, self._limits.read) from error

    def _follow(self, url: str, method: str, headers: Mapping[str, str]) -> Answer:
        """Reads go where they are sent, like Docker's own; a login stays behind."""
        first, sent = urlsplit(url), dict(headers)
        for _ in range(REDIRECTS):
            answer = self._once(url, method, sent)
            location = answer.headers.get("location", "")
            if method not in ("GET", "HEAD") or answer.status not in _REDIRECTED or not location:
                return answer
            url = urljoin(url, location)
            there = urlsplit(url)
            _no_machinery(there.netloc)
            if there.scheme != "https" and (there.scheme, there.hostname) != (first.scheme, first.hostname):
                raise Denied(
                    f"{first.netloc} sends us to {there.scheme}://{there.netloc}.", "that is not safe: ask who runs it"
                )
            if there.netloc != first.netloc:
                sent.pop("Authorization", None)
        raise Unavailable(f"{first.netloc} sends us from one address to the next.", "check the registry's address")

    def _once(self, url: str, method: str, headers: Mapping[str, str]) -> Answer:
        response = self._pool.request(method, url, headers=dict(headers), redirect=False, preload_content=False)
        try:
            body = response.read(self._limits.answer + 1)
            if len(body) > self._limits.answer:
                response.close()
                raise Unavailable(f"{urlsplit(url).netloc} answers without end.", "check the registry's address")
        finally:
            response.release_conn()
        return Answer(response.status, {name.lower(): value for name, value in response.headers.items()}, body)

    def _plain_allowed(self, host: str) -> bool:
        name = urlsplit(f"//{host}").hostname or ""
        address = _address(name)
        return host in self._may_be_plain or name == "localhost" or (address is not None and address.is_loopback)


def _no_machinery(host: str) -> None:
    """Refuse addresses such as a cloud's metadata service, which are never a registry."""
    address = _address(urlsplit(f"//{host}").hostname or "")
    if address is not None and address.is_link_local:
        raise Denied(f"{host} is an address of this network's own machinery.", "name a registry")


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None
