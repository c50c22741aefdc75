"""Make the certificates of the Docker Engine and of its only client, and write them into two secrets.

Runs in the cluster; needs openssl. Does nothing while both are there, of one authority, and good for thirty days more.
"""

import base64
import json
import os
import ssl
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
SERVER = (os.environ["SERVER_NAMESPACE"], "docker-server")
CLIENT = (os.environ["CLIENT_NAMESPACE"], "docker-client")
FILES = ("ca.pem", "cert.pem", "key.pem")
DAYS, LEFT = "730", str(30 * 86_400)


def openssl(*words: str, folder: Path) -> bool:
    done = subprocess.run(["openssl", *words], cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603, S607
    if done.returncode and words[0] != "x509":
        sys.exit(done.stderr)
    return not done.returncode


def secret(where: tuple[str, str], data: dict[str, str] | None = None) -> dict[str, bytes]:
    """The secret's data, after writing `data` into it if there is any."""
    namespace, name = where
    host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"]
    token = (ACCOUNT / "token").read_text()
    request = urllib.request.Request(
        f"https://{f'[{host}]' if ':' in host else host}:{port}/api/v1/namespaces/{namespace}/secrets/{name}",
        method="PATCH" if data else "GET",
        data=json.dumps({"data": data}).encode() if data else None,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/merge-patch+json"},
    )
    trust = ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt"))
    with urllib.request.urlopen(request, context=trust, timeout=30) as answer:  # noqa: S310
        found = json.load(answer).get("data") or {}
    return {key: base64.b64decode(value) for key, value in found.items()}


def good(folder: Path) -> bool:
    server, client = secret(SERVER), secret(CLIENT)
    if not all(held.get(file) for held in (server, client) for file in FILES) or server["ca.pem"] != client["ca.pem"]:
        return False
    for held in (server, client):
        (folder / "held.pem").write_bytes(held["cert.pem"])
        if not openssl("x509", "-checkend", LEFT, "-noout", "-in", "held.pem", folder=folder):
            return False
    return True


def signed(folder: Path, name: str, extensions: str) -> dict[str, str]:
    """The data of a secret: a new key, its certificate, and the authority's."""
    new = ["-newkey", "rsa:3072", "-nodes", "-keyout", "key.pem", "-out", "cert.csr"]
    openssl("req", *new, "-subj", f"/CN={name}", folder=folder)
    (folder / "extensions").write_text(extensions)
    by = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", DAYS, "-extfile", "extensions"]
    if not openssl("x509", "-req", "-in", "cert.csr", *by, "-out", "cert.pem", folder=folder):
        sys.exit("the certificate could not be signed")
    return {file: base64.b64encode((folder / file).read_bytes()).decode() for file in FILES}


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if good(folder):
            print("the certificates are there and good")
            return
        new = ["-newkey", "rsa:3072", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", DAYS]
        openssl("req", "-x509", *new, "-subj", "/CN=Tessera builds", folder=folder)
        names = ["docker", f"docker.{SERVER[0]}", f"docker.{SERVER[0]}.svc", f"docker.{SERVER[0]}.svc.cluster.local"]
        hosts = ",".join(f"DNS:{host}" for host in names)
        server = signed(folder, "docker", f"subjectAltName={hosts}\nextendedKeyUsage=serverAuth\n")
        client = signed(folder, "tessera", "extendedKeyUsage=clientAuth\n")
        secret(SERVER, server)
        secret(CLIENT, client)
        print("new certificates were made; restart the engine where it already ran")


if __name__ == "__main__":
    main()
