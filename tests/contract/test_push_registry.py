"""The sandbox's registry takes what a real Docker Engine pushes, and plays it as the Dockerfile's label says."""

import io
import json
import secrets
import subprocess
import tarfile

import pytest

from bot.builds.address import Address
from bot.builds.docker import DockerEngine
from bot.registry.adapter import Registries
from bot.sandbox.registry.behaviour import LABEL
from bot.sandbox.registry.server import PushRegistry
from explainers.builds.model import Order
from tests.parts import docker
from tests.unit.fakes import NoSecrets

pytestmark = pytest.mark.docker
DOCKERFILE = f"""FROM scratch
COPY Dockerfile /
EXPOSE 8080
USER 65532
LABEL {LABEL}='{json.dumps({"needs_env": ["MODE"]})}'
"""


def context(dockerfile: str) -> io.BytesIO:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        header = tarfile.TarInfo("Dockerfile")
        header.size = len(dockerfile.encode())
        tar.addfile(header, io.BytesIO(dockerfile.encode()))
    packed.seek(0)
    return packed


def test_pushed_pulled_and_understood() -> None:
    with PushRegistry() as registry:
        order = Order(f"{registry.host}/test-{secrets.token_hex(4)}:1")
        engine = DockerEngine(Address(f"unix://{docker()}"))
        *_, last = engine.build(order, context(DOCKERFILE), [], lambda: False)
        assert last.digest, last
        pinned = f"{order.image.removesuffix(':1')}@{last.digest}"
        *_, again = engine.build(order, context(DOCKERFILE), [], lambda: False)
        assert again.digest == last.digest
        ours = Registries(NoSecrets())
        assert (ours.digest(order.image), ours.digest(pinned)) == (last.digest, last.digest)
        ours.close()
        found = registry.image(pinned)
        assert found
        assert (found.needs_env, found.listens, found.user) == (("MODE",), (8080,), 65532)
        subprocess.run(["docker", "pull", "-q", pinned], check=True, capture_output=True)
        subprocess.run(["docker", "rmi", pinned], check=True, capture_output=True)
