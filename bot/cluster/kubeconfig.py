"""Where the connection comes from: a kubeconfig, or the ServiceAccount of the pod that we run in.

The official client can read both, but importing any part of it imports all its models: 0.4 s and 45 MB, more than a
whole `kubectl describe`. Files are therefore read here, by kubectl's rules, and the official client is asked only
for what needs it: credential plugins (plugins.py).
Source: https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
"""

import base64
import binascii
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bot.cluster.connection import Connection, Credentials, Fixed, TokenFile, Trust
from commands.base.errors import Unavailable

POD_FOLDER = Path("/var/run/secrets/kubernetes.io/serviceaccount")


@dataclass(frozen=True)
class Entry:
    """One cluster, user or context, with the folder that its relative paths start from."""

    fields: dict[str, Any]
    folder: Path

    def text(self, key: str) -> str:
        value = self.fields.get(key)
        return value if isinstance(value, str) else ""

    def pem(self, key: str) -> str:
        """The content of `KEY-data` (base64) or of the file that `KEY` names; empty when neither is there."""
        data, path = self.text(f"{key}-data"), self.text(key)
        try:
            if data:
                return base64.b64decode(data, validate=True).decode()
            return (self.folder / path).read_text(encoding="utf-8") if path else ""
        except (OSError, binascii.Error, UnicodeDecodeError) as error:
            raise Unavailable(f"The kubeconfig's {key} cannot be read: {error}.") from error


def connect(kubeconfig: str = "", context: str = "", environ: Mapping[str, str] = os.environ) -> Connection:
    """The connection that kubectl would use here.

    `kubeconfig` (one path or several, as in KUBECONFIG) and `context` override the environment and the file.
    Raises Unavailable when nothing is configured or the configuration is broken.
    """
    named = kubeconfig or environ.get("KUBECONFIG", "")
    paths = [Path(part).expanduser() for part in named.split(os.pathsep) if part] or [Path.home() / ".kube" / "config"]
    present = [path for path in paths if path.is_file()]
    if present:
        return _from_files(present, context, environ)
    if kubeconfig:
        raise Unavailable(f"There is no kubeconfig at {kubeconfig}.")
    if environ.get("KUBERNETES_SERVICE_HOST") and not context:
        return in_cluster(environ)
    places = ", ".join(map(str, paths))
    raise Unavailable(
        f"No cluster is configured: there is no kubeconfig at {places}.",
        "Set KUBECONFIG to its path. Without a cluster, `tessera demo` shows a broken one.",
    )


def in_cluster(environ: Mapping[str, str] = os.environ, folder: Path = POD_FOLDER) -> Connection:
    """The connection of a pod's ServiceAccount. Raises Unavailable when its files are not mounted.

    Source: https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
    """
    host, port = environ.get("KUBERNETES_SERVICE_HOST", ""), environ.get("KUBERNETES_SERVICE_PORT", "443")
    try:
        authority = (folder / "ca.crt").read_text(encoding="utf-8")
        namespace = (folder / "namespace").read_text(encoding="utf-8").strip()
    except OSError as error:
        hint = "Leave automountServiceAccountToken on in the pod's spec."
        raise Unavailable(f"The pod's ServiceAccount is not mounted: {error}.", hint) from error
    address = f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
    credentials = TokenFile(folder / "token")
    return Connection("in-cluster", address, namespace or "default", Trust(ca=authority), credentials)


def _from_files(paths: list[Path], context: str, environ: Mapping[str, str]) -> Connection:
    documents = [(_document(path), path.parent.absolute()) for path in paths]
    current = context or next((str(d["current-context"]) for d, _ in documents if d.get("current-context")), "")
    if not current:
        raise Unavailable("The kubeconfig has no current context.", "kubectl config use-context NAME")
    chosen = _entry(documents, "context", current)
    cluster = _entry(documents, "cluster", chosen.text("cluster"))
    user = _entry(documents, "user", chosen.text("user")) if chosen.text("user") else Entry({}, chosen.folder)
    host = cluster.text("server").rstrip("/")
    if not host.startswith(("https://", "http://")):
        raise Unavailable(f"The kubeconfig's cluster {chosen.text('cluster')} has no server address.")
    credentials, certificate, key = _credentials(cluster, user)
    trust = Trust(
        ca=cluster.pem("certificate-authority"),
        certificate=certificate or user.pem("client-certificate"),
        key=key or user.pem("client-key"),
        verify=not cluster.fields.get("insecure-skip-tls-verify", False),
        server_name=cluster.text("tls-server-name"),
    )
    proxy = cluster.text("proxy-url") or _proxy_from(environ, host)
    namespace = chosen.text("namespace") or "default"
    return Connection(current, host, namespace, trust, credentials, proxy, _acts_as(user))


def _acts_as(user: Entry) -> dict[str, list[str]]:
    """The identity that the user's entry takes on, as `kubectl --as` does.

    Source: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/#AuthInfo
    """
    groups, extra = user.fields.get("as-groups") or [], user.fields.get("as-user-extra") or {}
    headers = {
        "Impersonate-User": [user.text("as")] if user.text("as") else [],
        "Impersonate-Uid": [user.text("as-uid")] if user.text("as-uid") else [],
        "Impersonate-Group": [str(group) for group in groups] if isinstance(groups, list) else [],
    }
    for key, values in extra.items() if isinstance(extra, dict) else ():
        headers[f"Impersonate-Extra-{quote(str(key), safe='')}"] = [str(value) for value in values or []]
    headers = {name: values for name, values in headers.items() if values}
    if headers and not user.text("as"):
        raise Unavailable("The kubeconfig's user has groups to act as, but no user to act as.", "add `as: NAME` there")
    return headers


def _document(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(f"The kubeconfig {path} cannot be read: {error}.") from error
    document = _parsed(text, path)
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise Unavailable(f"The kubeconfig {path} is not a mapping.")
    return document


def _parsed(text: str, path: Path) -> object:
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except ValueError:
            pass  # YAML's flow style also starts with a brace
    import yaml  # a JSON kubeconfig does without the import

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Unavailable(f"The kubeconfig {path} is not valid YAML: {error}.") from error


def _entry(documents: list[tuple[dict[str, Any], Path]], kind: str, name: str) -> Entry:
    """The first entry of that name: where several files are merged, the first one wins."""
    names: list[str] = []
    for document, folder in documents:
        for item in document.get(f"{kind}s") or []:
            if not isinstance(item, dict):
                continue
            names.append(str(item.get("name")))
            fields = item.get(kind)
            if item.get("name") == name:
                return Entry(fields if isinstance(fields, dict) else {}, folder)
    known = ", ".join(sorted(set(names))) or "none"
    raise Unavailable(f"The kubeconfig has no {kind} {name!r}; it has: {known}.")


def _credentials(cluster: Entry, user: Entry) -> tuple[Credentials, str, str]:
    """Credentials, and the client certificate and key where a plugin hands those out."""
    if user.text("tokenFile"):
        return TokenFile(user.folder / user.text("tokenFile")), "", ""
    if user.text("token"):
        return Fixed(f"Bearer {user.text('token')}"), "", ""
    if user.text("username"):
        pair = f"{user.text('username')}:{user.text('password')}".encode()
        return Fixed(f"Basic {base64.b64encode(pair).decode()}"), "", ""
    if user.fields.get("exec") or user.fields.get("auth-provider"):
        from bot.cluster.plugins import plugin_credentials  # few need what it imports

        return plugin_credentials(cluster.fields, user.fields, user.folder)
    return Fixed(), "", ""


def _proxy_from(environ: Mapping[str, str], host: str) -> str:
    """HTTPS_PROXY and NO_PROXY by Go's rules, so that we go the way kubectl goes; empty for a direct way.

    Source: https://pkg.go.dev/golang.org/x/net/http/httpproxy
    """
    scheme = host.partition("://")[0]
    proxy = environ.get(f"{scheme}_proxy") or environ.get(f"{scheme.upper()}_PROXY") or ""
    if not proxy:
        return ""
    from urllib.parse import urlsplit

    direct = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    return "" if _goes_direct(urlsplit(host).hostname or "", direct) else proxy


def _goes_direct(hostname: str, no_proxy: str) -> bool:
    import ipaddress

    try:
        address = ipaddress.ip_address(hostname)
    except ValueError:
        address = None
    if hostname == "localhost" or (address is not None and address.is_loopback):
        return True
    for entry in filter(None, (part.strip().lower() for part in no_proxy.split(","))):
        domain = entry.removeprefix("*").lstrip(".")
        if entry == "*" or hostname == domain or hostname.endswith(f".{domain}"):
            return True
        if address is not None and "/" in entry:
            with suppress(ValueError):
                if address in ipaddress.ip_network(entry, strict=False):
                    return True
    return False
