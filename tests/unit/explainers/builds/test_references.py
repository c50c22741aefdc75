"""Image references: the cases of Docker's own parser, and tags from any branch."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from explainers.builds.references import BadReference, branch_tag, check_tag, parse_reference, parse_repository

F = "f" * 64
SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("written", "full", "familiar"),
    [
        ("busybox", "docker.io/library/busybox", "busybox"),
        ("busybox:1.36", "docker.io/library/busybox:1.36", "busybox"),
        ("org/shop", "docker.io/org/shop", "org/shop"),
        ("docker.io/busybox", "docker.io/library/busybox", "busybox"),
        ("index.docker.io/org/shop", "docker.io/org/shop", "org/shop"),
        ("ghcr.io/org/shop:1.4", "ghcr.io/org/shop:1.4", "ghcr.io/org/shop"),
        ("localhost/shop", "localhost/shop", "localhost/shop"),
        ("localhost:5000/shop:x", "localhost:5000/shop:x", "localhost:5000/shop"),
        ("test.com:5000", "docker.io/library/test.com:5000", "test.com"),
        ("[2001:db8::1]:5000/repo:tag", "[2001:db8::1]:5000/repo:tag", "[2001:db8::1]:5000/repo"),
        (f"repo:tag@sha256:{F}", f"docker.io/library/repo:tag@sha256:{F}", "repo"),
        ("xn--n3h.com/myimage:xn--n3h.com", "xn--n3h.com/myimage:xn--n3h.com", "xn--n3h.com/myimage"),
        ("lowercase:Uppercase", "docker.io/library/lowercase:Uppercase", "lowercase"),
        ("Uppercase/lowercase:tag", "Uppercase/lowercase:tag", "Uppercase/lowercase"),
        ("foo__bar/a--b.c", "docker.io/foo__bar/a--b.c", "foo__bar/a--b.c"),
        (" 1234.dkr.ecr.eu-west-1.amazonaws.com/shop ", *["1234.dkr.ecr.eu-west-1.amazonaws.com/shop"] * 2),
    ],
)
def test_what_docker_understands(written: str, full: str, familiar: str) -> None:
    found = parse_reference(written)
    assert (str(found), found.familiar) == (full, familiar)


@pytest.mark.parametrize(
    "written",
    [
        "",
        ":justtag",
        f"@sha256:{F}",
        "repo@sha256:ffff",
        f"repo@sha256:{F.upper()}",
        f"repo@md5:{F}",
        "repo@",
        "repo:",
        "Uppercase:tag",
        "test:5000/Uppercase/lowercase:tag",
        "a/" * 128 + "a:tag",
        "aa/asdf$$^/aa",
        "[2001:db8::1]",
        "[fe80::1%eth0]:5000/repo",
        F,
        "a//b",
        "a/",
        "-a/b",
        "-x.com/b",
        "a b",
        "a\nb",
        "repo:tag\n@x",
        "${IMAGE}",
        "shop:feature/login",
        "🚀",
        "https://ghcr.io/org/shop",
        "a___b",
        "repo:" + "t" * 129,
    ],
)
def test_what_docker_does_not(written: str) -> None:
    with pytest.raises(BadReference) as error:
        parse_reference(written)
    assert error.value.hint
    assert error.value.message.isprintable()


def test_capital_letters_are_answered_with_small_ones() -> None:
    with pytest.raises(BadReference) as error:
        parse_reference("MyShop")
    assert (error.value.message, error.value.hint) == ("MyShop has capital letters.", "write myshop")


def test_a_repository_has_no_tag() -> None:
    assert parse_repository("ghcr.io/org/shop").repository == "ghcr.io/org/shop"
    for written in ("ghcr.io/org/shop:1", f"ghcr.io/org/shop@sha256:{F}"):
        with pytest.raises(BadReference) as error:
            parse_repository(written)
        assert error.value.hint == "write ghcr.io/org/shop"


def test_a_tag_or_digest_replaces_the_other() -> None:
    shop = parse_reference(f"shop:1@sha256:{F}")
    assert str(shop.with_tag("2")) == "docker.io/library/shop:2"
    assert str(shop.with_digest(f"sha256:{'0' * 64}")) == f"docker.io/library/shop@sha256:{'0' * 64}"


@pytest.mark.parametrize(
    ("branch", "tag"),
    [
        ("main", "main-0123456"),
        ("feature/Login", "feature-login-0123456"),
        ("#12", "pr-12-0123456"),
        ("release/1.4_x", "release-1.4_x-0123456"),
        ("größe", "grosse-0123456"),
        ("--x..", "x-0123456"),
        ("ветка", "0123456"),
        ("", "0123456"),
        ("a" * 300, "a" * 120 + "-0123456"),
    ],
)
def test_a_tag_from_a_branch(branch: str, tag: str) -> None:
    assert branch_tag(branch, SHA) == tag


@given(st.text(max_size=300))
@example("-" * 200)
@example("." * 119 + "é/x")
def test_any_branch_gives_a_tag(branch: str) -> None:
    tag = branch_tag(branch, SHA)
    assert check_tag(tag) == tag
    assert len(tag) <= 128
    assert tag == branch_tag(branch, SHA)
    assert tag.endswith("0123456")


@given(st.text("aB0._-/:@[]$ \n", max_size=60))
def test_whatever_is_accepted_comes_back_the_same(written: str) -> None:
    try:
        found = parse_reference(written)
    except BadReference:
        return
    assert parse_reference(str(found)) == found
    assert re.fullmatch(r"[A-Za-z0-9._:@/\[\]-]+", str(found))
