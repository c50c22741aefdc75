"""What manifests, indexes and configurations say, and that nothing odd in them is believed."""

import json

import pytest

from bot.registry.images import config_of, labels_of, platform_of
from tests.contract.registries.pushing import CONFIG, LABELS, digest_of, index, manifest


def test_the_first_image_that_runs_is_taken() -> None:
    image = manifest()
    assert platform_of(index(image)) == digest_of(image)
    assert platform_of(image) == ""


def test_labels() -> None:
    assert config_of(manifest()) == digest_of(CONFIG)
    assert labels_of(CONFIG) == LABELS


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"[" * 100_000,
        b'{"manifests": 1, "config": 2}',
        b'{"manifests": [1], "config": {"digest": "../../x", "Labels": [1]}}',
        b'{"manifests": [{"digest": "sha256:1"}], "config": {"Labels": {"a": 1}}}',
        json.dumps({"manifests": [], "config": None}).encode(),
    ],
)
def test_what_is_out_of_shape_says_nothing(body: bytes) -> None:
    assert platform_of(body) == ""
    assert config_of(body) == ""
    assert labels_of(body) == {}
