"""npm's `emulate` as GitHub: an independent judge of what PyGithub sends. It has no archive download."""

import json
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.source.github.access import NEEDED, SHOWING
from tests.parts import emulate
from tests.ports import free_port
from tests.scenario.slack.emulator import node_js

TOKEN = "ghp_tessera_of_ana"
APP, INSTALLATION = 12345, 100


@dataclass(frozen=True)
class Emulated:
    """GitHub with the repository `org/shop`, and the private key of an App that is installed there."""

    url: str
    key: str
    client: httpx.Client

    def push(self, branch: str, files: Mapping[str, str], message: str, parent: str = "") -> str:
        """A commit by the Git data API, with these files on top of the parent's; the branch is made or moved."""
        tree = [{"path": path, "mode": "100644", "type": "blob", "content": text} for path, text in files.items()]
        base = {"base_tree": self._get(f"git/commits/{parent}")["tree"]["sha"]} if parent else {}
        made = self._post("git/trees", base | {"tree": tree})
        body = {"message": message, "tree": made["sha"], "parents": [parent] if parent else []}
        sha = str(self._post("git/commits", body)["sha"])
        if self.client.get(f"git/ref/heads/{branch}").status_code == 404:
            self._post("git/refs", {"ref": f"refs/heads/{branch}", "sha": sha})
        else:
            self.client.patch(f"git/refs/heads/{branch}", json={"sha": sha, "force": True}).raise_for_status()
        return sha

    def head(self, branch: str) -> str:
        return str(self._get(f"git/ref/heads/{branch}")["object"]["sha"])

    def tag(self, name: str, sha: str, message: str = "") -> None:
        """A tag; an annotated one where there is a message."""
        if message:
            body = {"tag": name, "message": message, "object": sha, "type": "commit"}
            sha = str(self._post("git/tags", body)["sha"])
        self._post("git/refs", {"ref": f"refs/tags/{name}", "sha": sha})

    def checks(self, sha: str) -> list[dict[str, Any]]:
        """The check runs of a commit."""
        found: list[dict[str, Any]] = self._get(f"commits/{sha}/check-runs")["check_runs"]
        return found

    def hook(self, url: str, secret: str) -> None:
        """Send pushes there, signed."""
        config = {"url": url, "secret": secret, "content_type": "json"}
        self._post("hooks", {"config": config, "events": ["push"]})

    def pull(self, head: str, base: str) -> int:
        return int(self._post("pulls", {"title": head, "head": head, "base": base})["number"])

    def _get(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(path).raise_for_status().json()
        return found

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = self.client.post(path, json=body).raise_for_status().json()
        return made


def _seed(key: str) -> dict[str, Any]:
    installation = {"installation_id": INSTALLATION, "account": "org", "repository_selection": "all"}
    app = {"app_id": APP, "slug": "tessera", "name": "Tessera", "private_key": key, "installations": [installation]}
    github = {
        "users": [{"login": "ana", "name": "Ana Ferreira", "email": "ana@example.com"}],
        "orgs": [{"login": "org", "name": "Org", "members": [{"login": "ana", "role": "admin"}]}],
        "repos": [
            {"owner": "org", "name": "shop", "auto_init": True, "private": True},
            {"owner": "org", "name": "empty", "auto_init": False},
            {"owner": "ana", "name": "tool", "auto_init": False},
        ],
        "apps": [app | {"permissions": NEEDED | SHOWING}],
    }
    return {"tokens": {TOKEN: {"login": "ana", "scopes": ["repo", "user"]}}, "github": github}


@contextmanager
def emulated(folder: Path) -> Iterator[Emulated]:
    """Run `emulate` in `folder`."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    key = made.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain).decode()
    port = free_port()
    seed = folder / "seed.json"
    seed.write_text(json.dumps(_seed(key)))
    options = ["start", "--service", "github", "--port", str(port), "--seed", str(seed)]
    url = f"http://localhost:{port}"
    with (
        subprocess.Popen([node_js(), emulate(), *options], cwd=folder, stdout=subprocess.DEVNULL) as process,
        httpx.Client(base_url=f"{url}/repos/org/shop/", headers={"Authorization": f"token {TOKEN}"}) as client,
    ):
        try:
            _wait(client)
            yield Emulated(url, key, client)
        finally:
            process.terminate()
            process.wait(60)


def _wait(client: httpx.Client) -> None:
    for _ in range(150):
        try:
            client.get("branches").raise_for_status()
        except httpx.HTTPError:
            threading.Event().wait(0.1)
        else:
            return
    raise RuntimeError("emulate did not start within fifteen seconds")
