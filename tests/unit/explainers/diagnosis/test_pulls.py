"""Why a pull failed, in the words of container runtimes and registries; and image names."""

import pytest

from explainers.diagnosis.plans.images import corrected
from explainers.diagnosis.views.pulls import Why, registry_of, repository_of, short, why


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ('rpc error: code = NotFound desc = failed to pull and unpack image "x": x: not found', Why.ABSENT),
        ("manifest for nginx:1.52 not found: manifest unknown: manifest unknown", Why.ABSENT),
        ("reading manifest v9 in quay.io/shop/web: manifest unknown", Why.ABSENT),
        ("pull access denied for ngnix, repository does not exist or may require 'docker login'", Why.ABSENT),
        ("pull access denied, repository does not exist or may require authorization: insufficient_scope", Why.ABSENT),
        ("unexpected status from HEAD request to https://r/v2/x: 401 Unauthorized", Why.REFUSED),
        ("failed to authorize: failed to fetch oauth token: 403 Forbidden", Why.REFUSED),
        ("denied: requested access to the resource is denied", Why.REFUSED),
        ("no basic auth credentials", Why.REFUSED),
        ("dial tcp: lookup registry.shop on 10.0.0.2:53: no such host", Why.UNREACHABLE),
        ("dial tcp 10.0.0.9:443: i/o timeout", Why.UNREACHABLE),
        ("dial tcp 10.0.0.9:443: connect: connection refused", Why.UNREACHABLE),
        ("tls: failed to verify certificate: x509: certificate signed by unknown authority", Why.DISTRUSTED),
        ("toomanyrequests: You have reached your pull rate limit", Why.DISTRUSTED),
        ("http: server gave HTTP response to HTTPS client", Why.DISTRUSTED),
        ("no match for platform in manifest: not found", Why.PLATFORM),
        ("something else", None),
    ],
)
def test_the_first_known_cause(message: str, expected: Why | None) -> None:
    assert why(message) is expected


def test_the_message_without_its_chain() -> None:
    message = (
        'Back-off pulling image "x:1": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image '
        '"docker.io/library/x:1": failed to resolve reference "docker.io/library/x:1": docker.io/library/x:1: not found'
    )
    assert "rpc error" not in short(message)
    assert short(message).endswith("not found")


@pytest.mark.parametrize(
    ("image", "registry", "repository"),
    [
        ("nginx", "docker.io", "nginx"),
        ("shop/web:1", "docker.io", "shop/web"),
        ("quay.io/shop/web@sha256:ab", "quay.io", "quay.io/shop/web"),
        ("localhost:5001/web:1", "localhost:5001", "localhost:5001/web"),
        ("localhost/web", "localhost", "localhost/web"),
    ],
)
def test_the_parts_of_an_image_name(image: str, registry: str, repository: str) -> None:
    assert (registry_of(image), repository_of(image)) == (registry, repository)


@pytest.mark.parametrize(
    ("image", "right"),
    [
        ("NGINX:1.25", "nginx:1.25"),
        ("redis:7:alpine", "redis:7"),
        ("https://docker.io/nginx:1", "docker.io/nginx:1"),
        ("reg.example:5000/Shop/Web:V1", "reg.example:5000/shop/web:V1"),
        ("nginx::1", "nginx:1"),
        ("two words", ""),
        ("nginx:1.25", ""),
        (":::", ""),
    ],
)
def test_slips_of_form(image: str, right: str) -> None:
    assert corrected(image) == right
