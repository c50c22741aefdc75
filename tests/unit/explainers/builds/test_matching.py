"""Guesses by names: what fits, what does not, and that two that fit equally are none."""

import pytest

from explainers.builds.matching import Guess, Repositories, Subject, best_dockerfile

KNOWN = ["team/shop", "team/ledger", "payments/gateway", "team/user-web", "team/worker-1"]


def guess(name: str, image: str = "", *known: str, teams: tuple[str, ...] = ()) -> Guess | None:
    return Repositories(known or KNOWN).guess(Subject(name, image, teams))


@pytest.mark.parametrize(
    ("name", "image", "repository"),
    [
        ("shop", "", "team/shop"),
        ("Shop", "ghcr.io/team/shop", "team/shop"),
        ("shop-api", "", "team/shop"),
        ("shop-service", "", "team/shop"),
        ("ledger-web-server", "", "team/ledger"),
        ("user", "", "team/user-web"),
        ("ledgers", "ghcr.io/team/ledgers", "team/ledger"),
        ("frontend", "ghcr.io/team/shop", "team/shop"),
        ("worker-1", "", "team/worker-1"),
    ],
)
def test_what_fits(name: str, image: str, repository: str) -> None:
    found = guess(name, image)
    assert found
    assert found.repository == repository
    assert found.reasons


@pytest.mark.parametrize("name", ["cart", "show", "user-api", "worker-2", "api", "s", "---", "redis", "x" * 300])
def test_what_does_not_fit(name: str) -> None:
    assert guess(name, "redis") is None


def test_a_team_before_the_name() -> None:
    assert guess("payments-gateway") is None, "nobody says that payments is a team"
    found = guess("payments-gateway", teams=("payments",))
    assert found
    assert found.repository == "payments/gateway"
    prefixed = guess("ledger", "", "acme/acme-ledger", "acme/acme-shop")
    assert prefixed
    assert prefixed.repository == "acme/acme-ledger"


def test_equal_scores_are_no_guess() -> None:
    assert guess("shop", "", "one/shop", "two/shop") is None
    assert guess("shop", "", "team/shop-api", "team/shop-web") is None


def test_the_owner_of_the_image_decides_between_equals() -> None:
    found = guess("shop", "ghcr.io/two/shop", "one/shop", "two/shop")
    assert found
    assert found.repository == "two/shop"
    assert "both belong to `two`" in found.reasons


def test_the_same_role_goes_before_none() -> None:
    found = guess("shop-api", "", "team/shop", "team/shop-api", "team/shop-web")
    assert found
    assert (found.repository, found.score) == ("team/shop-api", 100)


def test_one_repository_written_in_several_ways_is_one() -> None:
    found = guess("shop", "", "https://github.com/team/shop.git", "git@github.com:team/shop.git", "team/shop")
    assert found
    assert found.repository == "team/shop"


def test_each_of_a_thousand_names_finds_its_own() -> None:
    names = [f"{first}{second}{third}" for first in "abcdefghij" for second in "klmnopqrst" for third in "uvwxyzabcd"]
    known = Repositories(f"team/{name}{name[::-1]}-service" for name in names)
    found = [known.guess(Subject(f"{name}{name[::-1]}-api", f"ghcr.io/team/{name}{name[::-1]}")) for name in names]
    assert [one.repository for one in found if one] == [f"team/{name}{name[::-1]}-service" for name in names]


MONOREPO = ["Dockerfile", "ledger/Dockerfile", "services/shop/Dockerfile", "services/shop-web/Dockerfile"]


@pytest.mark.parametrize(
    ("name", "paths", "found"),
    [
        ("shop", ["x/Dockerfile.dev"], "x/Dockerfile.dev"),
        ("shop", [], ""),
        ("ledger-api", MONOREPO, "ledger/Dockerfile"),
        ("shop", MONOREPO, "services/shop/Dockerfile"),
        ("shop-web", MONOREPO, "services/shop-web/Dockerfile"),
        ("platform-ledger", MONOREPO, "ledger/Dockerfile"),
        ("platform", MONOREPO, "Dockerfile"),
        ("cart", MONOREPO, ""),
        ("shop", ["Dockerfile.ledger", "Dockerfile.shop"], "Dockerfile.shop"),
        ("shop", ["ledger/Dockerfile", "shop/build/Dockerfile"], "shop/build/Dockerfile"),
        ("shop", ["shop/Dockerfile.dev", "shop/Dockerfile"], "shop/Dockerfile"),
        ("shop", ["shop/Dockerfile.dev", "shop/Dockerfile.prod"], ""),
    ],
)
def test_the_dockerfile_in_a_monorepo(name: str, paths: list[str], found: str) -> None:
    assert best_dockerfile(Subject(name), "team/platform", paths) == found
