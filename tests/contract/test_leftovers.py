"""What builds leave in a Docker Engine goes away, also where two remove the same at once."""

import io
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from docker import APIClient
from docker.errors import NotFound

from bot.builds.address import Address
from bot.builds.connection import OLDEST, connect
from bot.builds.leftovers import Left
from bot.builds.messages import Heard
from tests.parts import docker

pytestmark = pytest.mark.docker
ROUNDS = 20
"""Enough to meet, nearly always, the engine that answers 500 to one of two who remove one image."""


@pytest.fixture
def engine() -> Callable[[], APIClient]:
    address = Address(f"unix://{docker()}")
    return lambda: connect(address, OLDEST)


def test_two_builds_that_made_one_image_both_take_their_name_off(engine: Callable[[], APIClient]) -> None:
    for _ in range(ROUNDS):
        names, start = image_with_two_names(engine), Barrier(2)

        def remove(name: str, start: Barrier = start) -> None:
            with engine() as client:
                left = Left(name, Heard(), keep=False)
                start.wait(60)
                left.remove(client)

        with ThreadPoolExecutor(2) as both:
            list(both.map(remove, names))
        for name in names:
            with engine() as client, pytest.raises(NotFound):
                client.inspect_image(name)


def image_with_two_names(engine: Callable[[], APIClient]) -> tuple[str, str]:
    """An image unlike any other, as two builds of the same commit leave it."""
    repository = f"localhost:5000/test-left-{secrets.token_hex(4)}"
    with engine() as client:
        dockerfile = f"FROM scratch\nLABEL made={secrets.token_hex(8)}\n"
        list(client.build(fileobj=io.BytesIO(dockerfile.encode()), tag=f"{repository}:a", rm=True))
        client.tag(f"{repository}:a", repository, "b")
    return f"{repository}:a", f"{repository}:b"
