"""What a binding hands over: every key of address and credentials, or an error that names the keys."""

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainers.catalog.reading import read_entry
from explainers.catalog.secret import LARGEST, ClashingKeys, UnfitKeys, merged, variables
from tests.unit.explainers.catalog.examples import NONE, form_a, plainly

DB = read_entry(
    form_a(("ProvisionExistingClusterService", {"namespace": "shop", "name": "pg"}), NONE, type="postgresql"), "db"
)
OUTSIDE = read_entry(plainly(), "outside")
PLACE = {"host": "pg.shop.svc.cluster.local", "port": "5432", "scheme": "postgresql"}


def test_the_shape_of_servicebinding_and_the_historical_keys() -> None:
    assert merged(DB, PLACE, {"username": "app", "password": "p w:/@"}) == {
        "type": "postgresql",
        "provider": "api",
        "host": "pg.shop.svc.cluster.local",
        "port": "5432",
        "scheme": "postgresql",
        "uri": "postgresql://app:p%20w%3A%2F%40@pg.shop.svc.cluster.local:5432",
        "username": "app",
        "password": "p w:/@",
        "URL": "pg.shop.svc.cluster.local",
        "Username": "app",
        "Password": "p w:/@",
    }


def test_an_outside_address_is_handed_on_as_it_is() -> None:
    address = "http://example.com/a?b=c#d"
    values = merged(OUTSIDE, {"uri": address}, {"username": "me", "password": "x"})
    assert (values["uri"], values["URL"], values["type"]) == (address, address, "service")


def test_nothing_is_said_that_is_not_known() -> None:
    values = merged(DB, {"host": "pg"}, {})
    assert set(values) == {"type", "provider", "host", "URL"}


def test_historical_credentials_get_todays_names() -> None:
    values = merged(DB, PLACE, {"Username": "app", "Password": "x"})
    assert (values["username"], values["password"]) == ("app", "x")
    assert values["uri"].startswith("postgresql://app:x@")


def test_other_keys_of_a_secret_are_kept() -> None:
    values = merged(DB, PLACE, {"ca.crt": "c", "database": "my db", "sslmode": "require"})
    assert (values["ca.crt"], values["sslmode"]) == ("c", "require")
    assert values["uri"].endswith(":5432/my%20db")
    assert "ca.crt" not in variables(values)
    assert {"sslmode", "URL", "host"} <= set(variables(values))


@pytest.mark.parametrize(
    ("credentials", "keys"),
    [
        ({"host": "other"}, ["host"]),
        ({"port": "1", "type": "mysql"}, ["port", "type"]),
        ({"URL": "http://other"}, ["URL"]),
        ({"username": "a", "Username": "b"}, ["Username", "username"]),
        ({"uri": "postgresql://elsewhere:5432/x"}, ["uri"]),
        ({"uri": "http://[bad"}, ["uri"]),
    ],
)
def test_a_clash_names_the_keys_and_no_value(credentials: dict[str, str], keys: list[str]) -> None:
    place = {**PLACE, "uri": "postgresql://pg.shop.svc.cluster.local:5432"}
    with pytest.raises(ClashingKeys) as caught:
        merged(DB, place, credentials)
    assert list(caught.value.keys) == keys
    assert all(f"`{key}`" in str(caught.value) for key in keys)
    assert not any(value in str(caught.value) for value in credentials.values() if len(value) > 1)


def test_the_same_value_twice_and_a_fuller_uri_are_no_clash() -> None:
    place = {**PLACE, "uri": "postgresql://pg.shop.svc.cluster.local:5432"}
    full = "postgresql://app:x@pg.shop.svc.cluster.local:5432/orders?sslmode=require"
    assert merged(DB, place, {"host": PLACE["host"], "uri": full})["uri"] == full


@pytest.mark.parametrize("key", ["a b", "a/b", "ä", "", "..", "x" * 254])
def test_keys_that_no_secret_can_have(key: str) -> None:
    with pytest.raises(UnfitKeys, match="A Secret cannot have the keys"):
        merged(DB, PLACE, {key: "c4n4ry"})


def test_more_than_a_secret_holds() -> None:
    with pytest.raises(UnfitKeys, match="larger than a Secret"):
        merged(DB, PLACE, {"blob": "x" * LARGEST})


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(TEXTS, TEXTS)
def test_any_login_stands_in_the_uri_and_comes_out_again(username: str, password: str) -> None:
    parts = urlsplit(merged(DB, PLACE, {"username": username, "password": password})["uri"])
    assert (unquote(parts.username or ""), unquote(parts.password or "")) == (username, password)
    assert (parts.hostname, parts.port) == (PLACE["host"], 5432)
