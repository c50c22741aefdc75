"""WWW-Authenticate, and where a login may go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.registry.challenge import Challenge, challenges, may_have_login


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ('Basic realm="tessera"', [Challenge("basic", {"realm": "tessera"})]),
        (
            'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
            [
                Challenge(
                    "bearer",
                    {
                        "realm": "https://auth.docker.io/token",
                        "service": "registry.docker.io",
                        "scope": "repository:a/b:pull,push",
                    },
                )
            ],
        ),
        ('Negotiate, Basic realm="a \\"b\\"", charset=UTF-8', [
            Challenge("negotiate"),
            Challenge("basic", {"realm": 'a "b"', "charset": "UTF-8"}),
        ]),
        ("BEARER Realm=x", [Challenge("bearer", {"realm": "x"})]),
        ("", []),
        ('realm="x"', []),
    ],
)  # fmt: skip
def test_a_header_is_read(header: str, found: list[Challenge]) -> None:
    assert challenges(header) == found


@given(st.text('Basic ="\\,realm\u00e9', max_size=60))
def test_any_header_is_read_or_left(header: str) -> None:
    for challenge in challenges(header):
        assert challenge.scheme == challenge.scheme.lower()


@pytest.mark.parametrize(
    ("realm", "host", "plain", "may"),
    [
        ("https://auth.docker.io/token", "registry-1.docker.io", False, True),
        ("https://ghcr.io/token", "ghcr.io", False, True),
        ("https://gitlab.com/jwt/auth", "registry.gitlab.com", False, True),
        ("https://harbor.example.com:8443/service/token", "harbor.example.com", False, True),
        ("https://evil.com/token", "ghcr.io", False, False),
        ("https://ghcr.io.evil.com/token", "ghcr.io", False, False),
        ("https://notdocker.io/token", "registry-1.docker.io", False, False),
        ("https://other.io/token", "ghcr.io", False, False),
        ("http://ghcr.io/token", "ghcr.io", False, False),
        ("http://localhost:5002/token", "localhost:5000", True, True),
        ("http://10.0.0.2/token", "10.0.0.1:5000", True, False),
        ("https://9.0.0.1/token", "10.0.0.1:5000", True, False),
        ("https://user@ghcr.io@evil.com/", "ghcr.io", False, False),
        ("", "ghcr.io", False, False),
    ],
)
def test_where_a_login_may_go(realm: str, host: str, plain: bool, may: bool) -> None:
    assert may_have_login(realm, host, plain) is may
