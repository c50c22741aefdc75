"""The table of fault classes is whole: `why` has something to say about each."""

import pytest

from explainers.diagnosis.classes import CLASSES, HEALTHY


def test_the_numbers_have_no_gap() -> None:
    assert sorted(CLASSES) == list(range(1, HEALTHY + 1))


@pytest.mark.parametrize("number", [number for number in sorted(CLASSES) if number != HEALTHY])
def test_a_class_says_why_it_happens_and_where_to_read_on(number: int) -> None:
    row = CLASSES[number]
    assert len(row.why) > 40
    assert row.why.endswith(".")
    assert row.reading.startswith("https://")
