"""What a case makes is made once in a wave, also where it lacked facts."""

import pytest

from explainers import kinds
from explainers.diagnosis.case import Case
from explainers.diagnosis.facts import Facts, Missing
from explainers.diagnosis.remembered import remembered
from explainers.operations.reads import Get
from tests.unit.clusters import NOW
from tests.unit.explainers.diagnosis.reading import WEB

LACKED = Get(kinds.SERVICE, "shop", "web")


class Owner:
    def __init__(self) -> None:
        self.tried = 0

    @remembered
    def made(self) -> list[int]:
        """Something."""
        self.tried += 1
        return [self.tried]

    @remembered
    def lacking(self) -> list[int]:
        self.tried += 1
        raise Missing([LACKED])


def test_it_is_made_once_for_each_owner() -> None:
    one, other = Owner(), Owner()
    assert one.made is one.made
    assert other.made is not one.made
    assert (one.tried, other.tried) == (1, 1)
    assert Owner.made.__doc__ == "Something."


def test_what_is_lacking_is_said_each_time_and_tried_once() -> None:
    one = Owner()
    for _ in range(3):
        with pytest.raises(Missing) as missing:
            _ = one.lacking
        assert missing.value.facts == (LACKED,)
    assert one.tried == 1


def test_a_view_that_lacks_facts_is_tried_once_in_a_wave() -> None:
    tries = []

    def view(case: Case) -> bool:
        tries.append(case)
        return case.get(kinds.SERVICE, "web").ok

    facts = Facts(NOW)
    wave = Case(facts, WEB)
    for _ in range(3):
        with pytest.raises(Missing):
            wave.once(view)
    assert len(tries) == 1
    assert facts.take_wanted() == [LACKED]
