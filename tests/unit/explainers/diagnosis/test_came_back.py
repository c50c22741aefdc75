"""A revision that somebody came back to: what holds it is older than that, and nothing leads to the one they left."""

import pytest

from explainers.diagnosis.case import Case
from explainers.diagnosis.views.revisions import HISTORY, Revisions, recent_change, revisions, told_change
from tests.unit.clusters import Json
from tests.unit.explainers.diagnosis.reading import Reading, replica_set, template, web, web_pod


def back(revision: int, to: int, *others: Json, ready: int = 0) -> Reading:
    """A Deployment whose newest revision is of the template of an older release."""
    made = web(revision, 1, 1, 0, message="")
    made["spec"]["template"] = template(to)
    made["status"]["conditions"][0]["message"] = f'ReplicaSet "{name(to)}" has successfully progressed.'
    newest = replica_set(revision, 1, ready, release=to)
    newest["metadata"]["annotations"][HISTORY] = str(to)
    return Reading(made, newest, web_pod(to, "new11", ready=False), *others)


def name(release: int) -> str:
    return str(replica_set(release)["metadata"]["name"])


def test_the_revision_that_was_left_is_nothing_to_go_back_to() -> None:
    assert back(3, 1, replica_set(2)).see(revisions) is None


def test_the_one_before_both_may_have_what_is_looked_for_and_is_no_change_of_today() -> None:
    reading = back(4, 2, replica_set(3), replica_set(1))
    found = reading.see(lambda case: revisions(case, lambda template: "app:2" not in str(template)))
    assert found is not None
    assert (found.previous, found.made) == (1, None)
    assert reading.see(recent_change) is None


def test_one_that_still_serves_is() -> None:
    found = back(3, 1, replica_set(2, 1, 1), web_pod(2, "old11")).see(revisions)
    assert found is not None
    assert found.previous == 2


def test_who_went_forth_and_back_and_forth_goes_back() -> None:
    """The first revision is the older one, and they had come back to it before."""
    reading = back(4, 2, replica_set(3, release=1))
    found = reading.see(revisions)
    assert found is not None
    assert found.previous == 3
    assert (found.made is None) or found.made.hour >= 11  # never when what holds it was made


def test_where_each_number_is_held_nothing_more_is_read() -> None:
    reading = Reading(web(2, 1, 1, 0), replica_set(1), replica_set(2, 1), web_pod(2, "new11", ready=False))
    assert reading.see(revisions) is not None
    assert f"replicaset {name(2)} -o yaml" not in reading.lines


@pytest.mark.parametrize(("previous", "told"), [(2, "revision 3: "), (1, "revision 3, compared with revision 1: ")])
def test_a_difference_from_a_revision_further_back_is_called_so(previous: int, told: str) -> None:
    def row(case: Case) -> str:
        found = Revisions(3, previous, None, template(3), template(previous), {}, {})
        return told_change(case, found).text

    assert back(3, 1).see(row).startswith(told)
