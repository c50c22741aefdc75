"""Quantities as the API writes them."""

from fractions import Fraction

import pytest

from explainers.quantities import amount, cores, size, written


@pytest.mark.parametrize(
    ("quantity", "value"),
    [
        ("500m", Fraction(1, 2)),
        ("1.5", Fraction(3, 2)),
        (2, Fraction(2)),
        ("256Mi", Fraction(256 << 20)),
        ("2G", Fraction(2 * 10**9)),
        ("1e3", Fraction(1000)),
        ("100n", Fraction(1, 10**7)),
        (".5", Fraction(1, 2)),
        ("lots", None),
        ("12Zi", None),
        ("", None),
        (None, None),
        ([], None),
    ],
)
def test_amount(quantity: object, value: Fraction | None) -> None:
    assert amount(quantity) == value


def test_cpu_is_written_in_cores_or_millicores() -> None:
    assert [cores(Fraction(2)), cores(Fraction(1, 4)), cores(Fraction(1, 3))] == ["2", "250m", "333m"]


def test_sizes_are_written_in_the_largest_readable_unit() -> None:
    assert [size(Fraction(3 << 30)), size(Fraction(128 << 20)), size(Fraction(24683068 << 10)), size(Fraction(77))] == [
        "3Gi",
        "128Mi",
        "23Gi",
        "77",
    ]


def test_a_value_is_written_as_its_resource_wants() -> None:
    assert written("requests.cpu", Fraction(1, 10)) == "100m"
    assert written("limits.memory", Fraction(64 << 20)) == "64Mi"
    assert written("pods", Fraction(4)) == "4"
