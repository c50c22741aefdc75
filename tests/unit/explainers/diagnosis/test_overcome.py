"""What a program that is well complained of before is overcome; what it goes on about is not."""

from datetime import timedelta

import pytest

from explainers.diagnosis.logs.lasting import LATEST, going_on, not_overcome
from explainers.diagnosis.logs.stamps import Stamped, stamped
from explainers.diagnosis.rules.called_ports import wrong_service_port
from explainers.diagnosis.rules.complaints import goes_on, only_errors
from explainers.diagnosis.rules.dependencies import lower_dependency
from explainers.diagnosis.views.calls import suspected_calls
from tests.unit.clusters import NOW, Json, thing
from tests.unit.explainers.diagnosis.reading import Reading, service, well

FAILED = "ERROR connection refused: cache:6379 (attempt 1)"
OTHER = "ERROR dial tcp: lookup pg: no such host"
SERVES = '10.0.0.1 - - "GET / HTTP/1.1" 200 -'
TRACE = ["Traceback (most recent call last):", '  File "app.py", line 3, in <module>', f"ConnectionError: {FAILED}"]


def told(
    log: list[str], *others: Json, ready: bool = True, env: bool = True, behind: bool = True, host: str = "cache",
    conf: str = "", since: int = 0,
) -> Reading:  # fmt: skip
    objects = well(1)
    container: Json = {"name": "app", "env": [{"name": "CACHE_URL", "value": f"redis://{host}:6379"}] if env else []}
    objects[0]["spec"]["template"]["spec"] = objects[1]["spec"] = {"containers": [container]}
    if not ready:
        objects[0]["status"]["readyReplicas"] = 0
        objects[1]["status"]["conditions"][0]["status"] = "False"
        objects[1]["status"]["containerStatuses"][0]["ready"] = False
    if since:
        container["readinessProbe"] = {"tcpSocket": {"port": 80}}
        when = (NOW - timedelta(seconds=since)).isoformat()
        objects[1]["status"]["conditions"] = [{"type": "Ready", "status": "True", "lastTransitionTime": when}]
        objects[0]["status"]["conditions"].append({"type": "Available", "status": "True", "lastTransitionTime": when})
    cache = thing("Service", "cache", spec={"ports": [{"port": 6379}], "clusterIP": "10.1.0.9", "selector": {"a": "b"}})
    logs = {f"shop/{objects[1]['metadata']['name']}/app": "\n".join(log)}
    if behind and not others:
        others = tuple(service("cache-5d9c7b8f4b-x2x9k", name="cache")[1:])
    if conf:
        volume = {"name": "c", "configMap": {"name": "conf"}}
        objects[0]["spec"]["template"]["spec"]["volumes"] = [volume]
        objects.append(thing("ConfigMap", "conf", data={"default.conf": conf}))
    return Reading(*objects, cache, *others, logs=logs)


@pytest.mark.parametrize(
    ("later", "ready", "suspected"), [(5, True, True), (LATEST, True, False), (LATEST, False, True)]
)
def test_what_a_pod_that_is_well_complained_of_before(later: int, ready: bool, suspected: bool) -> None:
    reading = told([FAILED, "INFO listening", *[SERVES] * (later - 1)], ready=ready)
    assert any(call.complaint for call in reading.see(suspected_calls)) is suspected


@pytest.mark.parametrize(
    "later",
    ["INFO connected to cache", "connection to cache:6379 re-established", "Redis: recovered", "cache: PONG",
     "INFO cache reachable at http://cache/items", "cache came back", "cache is back online", "cache is available"],
)  # fmt: skip
def test_a_word_that_it_works_again_ends_a_complaint(later: str) -> None:
    assert not not_overcome(Stamped(f"{FAILED}\n{later}"), NOW)
    assert not_overcome(Stamped(f"{FAILED}\n{later}\n{FAILED}"), NOW)


@pytest.mark.parametrize(
    "later",
    ["INFO connected to postgres", "WARN not connected", "disconnected", "cache: retry in 5 s", "never connected",
     "WARN cache not reachable", "cache is no longer available", "waiting until cache is ready", "cache isn't up",
     "WARN cache unreachable, circuit open", SERVES],
)  # fmt: skip
def test_other_words_do_not(later: str) -> None:
    assert not_overcome(Stamped(f"{FAILED}\n{later}"), NOW)


@pytest.mark.parametrize(
    ("log", "goes"),
    [
        ([FAILED], False),
        ([FAILED, FAILED], True),
        ([FAILED, FAILED, SERVES], False),
        ([FAILED, SERVES, SERVES, FAILED, SERVES], True),
        ([FAILED, SERVES, SERVES, FAILED, SERVES, SERVES, SERVES], False),
        (TRACE * 2, True),
        (TRACE * 2 + [SERVES] * 3, False),
        ([FAILED, OTHER, FAILED, OTHER], True),
        ([FAILED, *[SERVES] * LATEST, FAILED], False),
    ],
)
def test_what_comes_again_up_to_the_end_goes_on(log: list[str], goes: bool) -> None:
    assert bool(going_on(Stamped("\n".join(log)), NOW)) is goes


def test_after_it_works_again_nothing_is_said_of_the_log() -> None:
    assert not [*told([FAILED] * 5 + [SERVES] * 5).see(lambda case: [*goes_on(case)])]
    (said,) = told([FAILED] * 5).see(lambda case: [*goes_on(case)])
    assert said.benign
    assert "its log goes on about `cache`" in said.clause


def test_a_call_that_only_the_log_knows_is_judged_while_it_goes_on() -> None:
    wrong = "WARN cache:6380 is away: [Errno 111] Connection refused"
    (found,) = told([wrong, "tick", wrong], env=False).see(lambda case: [*wrong_service_port(case)])
    assert "`cache` on port 6380, but service `cache` offers 6379" in found.clause
    assert not told([wrong, "tick", "tick"], env=False).see(lambda case: [*wrong_service_port(case)])


def test_a_complaint_that_names_nobody_is_still_told() -> None:
    (said,) = told(["request timed out: connection timed out"] * 3, env=False).see(lambda case: [*goes_on(case)])
    assert "its log goes on about something that it calls" in said.clause


def at(*lines: tuple[int, str]) -> str:
    """A log whose lines were written so many seconds ago."""
    return "".join(f"{(NOW - timedelta(seconds=ago)).isoformat()} {line}\n" for ago, line in lines)


@pytest.mark.parametrize(
    ("lines", "counts"),
    [
        ([(14, FAILED), (12, FAILED)], False),
        ([(6, FAILED), (4, FAILED)], True),
        ([(70, FAILED), (40, FAILED)], True),
        ([(50, FAILED)], True),
        ([(70, FAILED)], False),
    ],
)
def test_silence_for_much_longer_than_before_overcomes(lines: list[tuple[int, str]], counts: bool) -> None:
    assert bool(not_overcome(stamped(at(*lines)), NOW)) is counts


def test_stamps_are_taken_off_and_kept_for_the_lines_that_say_something() -> None:
    log = stamped("2026-01-02T11:59:58.123456789Z one\n2026-01-02T11:59:59Z \n2026-01-02T13:00:00+01:00 two\n")
    assert log.text == "one\n\ntwo\n"
    assert [when.second for when in log.times] == [58, 0]
    assert stamped("2026-01-02T11:59:58Z one\ntwo\n") == Stamped("2026-01-02T11:59:58Z one\ntwo\n")


@pytest.mark.parametrize(("ago", "generation", "followed"), [(9, 2, True), (4, 2, False), (4, 6, True)])
def test_what_came_up_after_the_last_complaint_is_not_looked_into(ago: int, generation: int, followed: bool) -> None:
    """That was five seconds ago; a slice that was written more often than a start takes has lost endpoints since."""
    _, piece = service("cache-5d9c7b8f4b-x2x9k", name="cache")
    changed = (NOW - timedelta(seconds=ago)).isoformat()
    notes = {"endpoints.kubernetes.io/last-change-trigger-time": changed}
    piece["metadata"] |= {"generation": generation, "annotations": notes}
    log = at((7, FAILED), (5, FAILED)).splitlines()
    reading = told(log, piece)
    reading.see(lambda case: [*lower_dependency(case)])
    assert ("deployment cache -o yaml" in reading.lines) is followed


@pytest.mark.parametrize("env", [True, False])
def test_an_old_complaint_about_what_nobody_is_behind_now_is_no_history(env: bool) -> None:
    log = at((400, FAILED), (300, FAILED), *((200 - i, SERVES) for i in range(LATEST))).splitlines()
    (call,) = told(log, env=env, behind=False).see(suspected_calls)
    assert (call.name, call.address.port, call.age) == ("cache", 6379, "5 min ago")
    assert not told(log, env=env).see(suspected_calls)


def test_an_old_complaint_after_which_it_worked_is_history_whatever_is_behind_now() -> None:
    log = at((400, FAILED), (300, "INFO connected to cache"), (200, SERVES)).splitlines()
    assert not told(log, behind=False).see(suspected_calls)


def test_the_endpoints_are_looked_at_only_where_there_is_such_a_line() -> None:
    quiet, old = told(at((400, SERVES)).splitlines()), told(at((400, FAILED), (300, SERVES)).splitlines())
    assert not [*quiet.see(suspected_calls), *old.see(suspected_calls)]
    assert not any("kubernetes.io/service-name=cache" in line for line in quiet.lines)
    assert sum("kubernetes.io/service-name=cache" in line for line in old.lines) == 1


@pytest.mark.parametrize(("host", "suspected"), [("gone", True), ("other", False), ("x.example.com", False)])
def test_an_old_complaint_about_a_name_that_does_not_exist_counts_where_it_is_still_called(
    host: str, suspected: bool
) -> None:
    reading = told(at((400, f"ERROR dial tcp: lookup {host}: no such host"), (300, SERVES)).splitlines(), host="gone")
    assert bool(reading.see(suspected_calls)) is suspected


UPSTREAM = (
    '2026/01/02 11:50:54 [error] 8#8: *167 {} while connecting to upstream, client: 10.0.0.5, server: , request: "GET '
    '/api/ HTTP/1.1", upstream: "http://{}/", host: "web"'
)


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ("connect() failed (111: Connection refused)", "10.1.0.9:6379"),
        ("connect() failed (111: Connection refused)", "10.2.0.7:6379"),
        ("upstream timed out (110: Connection timed out)", "10.2.0.7:6379"),
        ("no live upstreams", "backend"),
    ],
)
def test_what_a_proxy_passes_on_to_is_known_by_its_address_or_its_mounted_file(said: str, where: str) -> None:
    """10.1.0.9 is the address of the Service, 10.2.0.7 that of a pod which is gone."""
    conf = "upstream backend { server cache:6379; }  # elsewhere: other:80"
    log = at((400, UPSTREAM.format(said, where))).splitlines()
    reading = told(log, env=False, behind=False, conf=conf)
    (call,) = reading.see(suspected_calls)
    assert (call.name, call.address.port) == ("cache", 6379)


def test_what_came_up_after_the_last_complaint_is_told_as_past() -> None:
    _, piece = service("cache-5d9c7b8f4b-x2x9k", name="cache")
    piece["metadata"]["annotations"] = {
        "endpoints.kubernetes.io/last-change-trigger-time": (NOW - timedelta(seconds=4)).isoformat()
    }
    reading = told(at((9, FAILED), (7, FAILED), (5, FAILED)).splitlines(), piece)
    reading.see(lambda case: [*lower_dependency(case)])
    (said,) = reading.see(lambda case: [*lower_dependency(case), *goes_on(case)])
    assert "its log complained about `cache:6379` until 5 s ago, and not since" in said.clause


def test_errors_that_name_a_service_of_the_namespace_are_placed() -> None:
    """They came every second until half a minute ago, and what they are about is well now."""
    (said,) = told(at(*((40 - i, FAILED) for i in range(10))).splitlines()).see(lambda case: [*only_errors(case)])
    assert "its log complained about `cache:6379` until 31 s ago, and not since" in said.clause


@pytest.mark.parametrize(("since", "goes"), [(3, False), (12, True)])
def test_what_became_ready_after_its_last_complaint_complains_no_more(since: int, goes: bool) -> None:
    """It came every five seconds, last six seconds ago."""
    reading = told(at((16, FAILED), (11, FAILED), (6, FAILED)).splitlines(), since=since)
    (said,) = reading.see(lambda case: [*goes_on(case)])
    assert ("its log goes on about `cache`" in said.clause) is goes
    assert ("until 6 s ago, and not since" in said.clause) is not goes


@pytest.mark.parametrize(
    ("later", "blamed"),
    [("INFO cache reachable", False), ("INFO client connected", True), ("INFO cachectl ready", True)],
)
def test_a_pod_that_is_not_ready_does_not_wait_for_what_its_log_says_works(later: str, blamed: bool) -> None:
    reading = told(at((9, FAILED), (7, FAILED), (5, later)).splitlines(), ready=False)
    assert any(call.complaint for call in reading.see(suspected_calls)) is blamed


def test_a_complaint_is_shown_with_its_age() -> None:
    (call,) = told(at((9, FAILED), (7, FAILED)).splitlines(), ready=False).see(suspected_calls)
    assert [row.age for row in call.evidence] == ["7 s ago", ""]
