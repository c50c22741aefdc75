"""What is told beside a cause: each fact once."""

import pytest

from explainers.diagnosis.consequences import beside, fine_beside
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.document import Evidence
from explainers.kinds import Ref

WEB, OTHER = Ref("Deployment", "shop", "web"), Ref("Deployment", "shop", "other")
LINE = 'psql: error: could not translate host name "pg" to address'
DOUBT = "; it has run for 13 s only"
PROBE = "the readiness probe of container `app` asks `/` on port 8080 and gets 404 Not Found"
UNREADY = "its only pod is not ready: in `web-1` the readiness probe fails (`HTTP probe failed with statuscode: 404`)"
WAITS = (
    "init container `wait` has waited for `pgg:5432` for 14 s, and no service `pgg` exists in namespace `shop` "
    "(nearest: `pg`); until it ends, container `api` never starts"
)


def finding(number: int, clause: str, subject: Ref = WEB, log: str = "", benign: bool = False) -> Finding:
    rows = (Evidence("log of web-1/app", log),) if log else ()
    return Finding(number, subject, Layer.CONTAINER, clause, rows, confidence=Confidence.SURE, benign=benign)


def said(cause: Finding | None, *others: Finding) -> list[str]:
    return [one.clause for one in beside(cause, [*([cause] if cause else []), *others])]


def test_a_probe_that_fails_says_already_that_pods_are_not_ready() -> None:
    assert said(finding(65, PROBE), finding(5, UNREADY + DOUBT)) == []
    assert said(finding(74, "it cannot reach `pg:5432`", OTHER), finding(65, PROBE), finding(5, UNREADY)) == [PROBE]
    assert said(finding(65, PROBE, OTHER), finding(5, UNREADY)) == [UNREADY]


def test_no_doubt_beside_a_cause() -> None:
    assert said(finding(53, "its pods run with old configuration"), finding(5, UNREADY + DOUBT)) == [UNREADY]


@pytest.mark.parametrize(
    ("clause", "left"),
    [
        (f"container `app` crashes with exit code 1: {LINE} (2 restarts)",
         "container `app` crashes with exit code 1 (2 restarts)"),
        (f"container `app` ends with exit code 1; its termination message says: {LINE} (2 restarts)",
         "container `app` ends with exit code 1 (2 restarts)"),
        (f"{UNREADY}; its log says: {LINE}{DOUBT}", UNREADY),
    ],
)  # fmt: skip
def test_a_line_of_a_log_is_shown_once(clause: str, left: str) -> None:
    assert said(finding(1, "it calls `pg`", OTHER, f"12:00:01 {LINE}"), finding(57, clause, log=LINE)) == [left]
    assert said(finding(1, "it calls `pg`", OTHER, "something else"), finding(53, clause, log=LINE))[0].count(LINE) == 1


def test_a_host_that_is_waited_for_is_called_absent_once() -> None:
    names = "`DB_HOST` points to `{}`, a name that no service has; the nearest is `{}`"
    assert said(finding(71, WAITS), finding(38, names.format("pgg", "pg"))) == []
    another = names.format("apii", "api")
    assert said(finding(71, WAITS), finding(38, another)) == [another]


def test_what_waits_for_a_broken_thing_is_told_with_it() -> None:
    chain = finding(74, "init container `wait` waits for `mysql:3306`; `mysql` is down: scaled to 0", OTHER)
    waits = (
        "init container `{}` has run for 9 s and waits for `mysql:3306`; until it ends, container `app` never starts"
    )
    assert said(chain, finding(71, waits.format("wait"))) == []
    assert said(chain, finding(71, waits.format("second"))) == [waits.format("second")]
    assert said(chain, finding(71, "init container `wait` is still at work, for 5 s", benign=True)) == []


def test_all_is_told_where_there_is_no_fault() -> None:
    note = finding(99, "a volume waits for its first consumer", benign=True)
    starting = finding(125, "it is starting", benign=True)
    assert said(note, starting) == ["it is starting"]
    assert said(None) == []


def test_a_service_at_fault_is_not_among_what_is_fine() -> None:
    gate = Finding(9, Ref("Service", "shop", "gate"), Layer.SERVICE, "it sends its port nowhere")
    fine = ("2 of 2 pods ready", "service `gate` has 2 ready endpoints", "service `gate-2` has 2 ready endpoints")
    assert fine_beside(gate, fine) == (fine[0], fine[2])
    assert fine_beside(None, fine) == fine
