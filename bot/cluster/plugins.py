"""Credentials from a plugin: `exec` (EKS, GKE, AKS, OIDC helpers) and the older `auth-provider`.

Only this module imports the official client, and only users with an `auth-provider` pay for the import.
Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
"""

import json
import os
import subprocess  # nosec B404
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.cluster.connection import Credentials
from commands.base.errors import Unavailable
from explainers.diagnosis.when import moment

EARLY = timedelta(minutes=1)  # ask for a new token this long before the old one ends


@dataclass(frozen=True)
class Patience:
    """Seconds that a plugin gets: `seated` where a person at a terminal may have to log in, else `alone`."""

    alone: float = 30.0
    seated: float = 300.0


def plugin_credentials(
    cluster: dict[str, Any], user: dict[str, Any], folder: Path, patience: Patience = Patience()
) -> tuple[Credentials, str, str]:
    """Credentials, and a client certificate and key where the plugin hands those out instead of a token.

    Raises Unavailable in the plugin's own words when it fails.
    """
    if not user.get("exec"):
        return ProviderCredentials(cluster, user, folder), "", ""
    plugin = ExecCredentials(cluster, user["exec"], folder, patience)
    status = plugin.status()
    return plugin, str(status.get("clientCertificateData") or ""), str(status.get("clientKeyData") or "")


class ExecCredentials:
    """A program that prints a token; asked again when the token is about to end or was refused."""

    def __init__(self, cluster: dict[str, Any], spec: dict[str, Any], folder: Path, patience: Patience) -> None:
        self._cluster = cluster
        self._spec = spec
        self._folder = folder
        self._patience = patience
        self._lock = threading.Lock()
        self._status: dict[str, Any] = {}

    def status(self) -> dict[str, Any]:
        """The `status` of the plugin's ExecCredential, run again when it has ended."""
        with self._lock:
            if not self._status or _ends_soon(self._status):
                self._status = self._run()
            return self._status

    def _run(self) -> dict[str, Any]:
        command = str(self._spec.get("command") or "?")
        hint = str(self._spec.get("installHint") or "Run the plugin by hand; you may have to log in again.")
        try:
            return _credential(self._spec, self._cluster, self._folder, self._patience)
        except subprocess.TimeoutExpired as error:
            said = f"did not answer within {error.timeout:g} s"
            raise Unavailable(f"The credential plugin {command} {said}.", hint) from error
        except (ValueError, OSError) as error:
            raise Unavailable(f"The credential plugin {command} failed: {error}.", hint) from error

    def header(self) -> str:
        token = self.status().get("token")
        return f"Bearer {token}" if token else ""

    def renew(self) -> bool:
        with self._lock:
            self._status = {}
        return True


def _credential(spec: dict[str, Any], cluster: dict[str, Any], folder: Path, patience: Patience) -> dict[str, Any]:
    """Run the plugin. Raises ValueError in words, OSError and TimeoutExpired.

    The official client does the same without a time-out, and breaks when a plugin fails in a terminal. The program is
    the one that the kubeconfig names, as for kubectl, and no shell reads the line.
    """
    seated = sys.stdin.isatty() and spec.get("interactiveMode") != "Never"
    version = str(spec.get("apiVersion"))
    told: dict[str, Any] = {"interactive": seated}
    if spec.get("provideClusterInfo"):
        told["cluster"] = _cluster_info(cluster)
    info = {"apiVersion": version, "kind": "ExecCredential", "spec": told}
    more = {str(one.get("name")): str(one.get("value")) for one in spec.get("env") or [] if isinstance(one, dict)}
    done = subprocess.run(  # noqa: S603 # nosec B603
        [str(spec.get("command")), *map(str, spec.get("args") or [])],
        env={**os.environ, **more, "KUBERNETES_EXEC_INFO": json.dumps(info)},
        cwd=folder,
        stdin=None if seated else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=None if seated else subprocess.PIPE,
        text=True,
        timeout=patience.seated if seated else patience.alone,
        check=False,
    )
    if done.returncode:
        said = " ".join((done.stderr or "").split())
        raise ValueError(f"it ended with {done.returncode}" + (f", {said}" if said else ""))
    answer = json.loads(done.stdout)
    if not isinstance(answer, dict) or not isinstance(answer.get("status"), dict):
        raise ValueError("it gave no status")
    if answer.get("apiVersion") != version:
        raise ValueError(f"it speaks {answer.get('apiVersion')}, the kubeconfig asks for {version}")
    status: dict[str, Any] = answer["status"]
    return status


def _cluster_info(cluster: dict[str, Any]) -> dict[str, Any]:
    """The cluster as plugins see it: with the configuration that the kubeconfig has for them."""
    own = [one for one in cluster.get("extensions") or [] if isinstance(one, dict)]
    config = [one.get("extension") for one in own if one.get("name") == "client.authentication.k8s.io/exec"]
    plain = {key: value for key, value in cluster.items() if key != "extensions"}
    return {**plain, "config": config[0]} if config else plain


def _ends_soon(status: dict[str, Any]) -> bool:
    ends = status.get("expirationTimestamp")
    if not isinstance(ends, str):
        return False
    until = moment(ends)
    return until is not None and until - EARLY <= datetime.now(UTC)


class ProviderCredentials:
    """The `auth-provider` of older kubeconfigs; the official client's loader keeps its token fresh."""

    def __init__(self, cluster: dict[str, Any], user: dict[str, Any], folder: Path) -> None:
        document = {
            "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": cluster}],
            "users": [{"name": "u", "user": user}],
        }
        from kubernetes.client.configuration import Configuration
        from kubernetes.config.config_exception import ConfigException
        from kubernetes.config.kube_config import KubeConfigLoader

        self._lock = threading.Lock()
        self._configuration = Configuration()
        try:
            KubeConfigLoader(document, config_base_path=str(folder)).load_and_set(self._configuration)
        except (ConfigException, ImportError, OSError, KeyError) as error:
            raise Unavailable(f"The kubeconfig's auth-provider failed: {error}.") from error

    def header(self) -> str:
        with self._lock:
            return str(self._configuration.get_api_key_with_prefix("authorization") or "")

    def renew(self) -> bool:
        return False
