"""The adapter against an API server that misbehaves: an answer or a clear problem, never an exception."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from bot.cluster.adapter import KubernetesClusters
from bot.cluster.connection import Connection, Fixed
from bot.cluster.transport import Limits
from commands.base.errors import Denied
from commands.base.ports import Cluster
from commands.base.request import Identity
from explainers.kinds import CONFIG_MAP, DEPLOYMENT, POD, Kind
from explainers.operations.apply import Apply
from explainers.operations.base import Operation
from explainers.operations.config import CreateConfigMap
from explainers.operations.pods import Delete
from explainers.operations.reads import Get, GetMetadata, List, Logs, Watch
from explainers.operations.workloads import Scale
from tests.unit.bot.cluster.scripted import NOTHING, Scripted, answer, refused, scripted

QUICK = Limits(connect=20, read=20, patience=60, backoff=0.01)
"""Tries come at once; no busy machine meets the other limits."""
GET = Get(CONFIG_MAP, "shop", "web")
WRITE = CreateConfigMap("shop", "web")
THING = {"kind": "ConfigMap", "metadata": {"name": "web"}}


@contextmanager
def clusters_at(url: str, limits: Limits = QUICK) -> Iterator[KubernetesClusters]:
    clusters = KubernetesClusters(Connection("test", url, "shop", credentials=Fixed("Bearer t0k3n")), limits)
    try:
        yield clusters
    finally:
        clusters.close()


@contextmanager
def cluster_of(*answers: bytes) -> Iterator[tuple[Cluster, Scripted]]:
    with scripted(*answers) as script, clusters_at(script.url) as clusters:
        yield clusters.as_identity(Identity()), script


def test_sends_what_the_operation_says_and_nothing_else() -> None:
    with cluster_of(answer(201, THING)) as (cluster, script):
        assert cluster.run(WRITE).object == THING
    (sent,) = script.received
    assert (sent.method, sent.target) == ("POST", "/api/v1/namespaces/shop/configmaps")
    assert sent.body == b'{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web", "namespace": "shop"}}'
    assert sent.headers["Authorization"] == "Bearer t0k3n"
    assert "Impersonate-User" not in sent.headers


def test_asks_for_what_the_operation_accepts() -> None:
    with cluster_of(answer(200, THING)) as (cluster, script):
        cluster.run(GetMetadata(CONFIG_MAP, "shop", "web"))
    assert "PartialObjectMetadata" in script.received[0].headers["Accept"]


def test_query_is_escaped() -> None:
    with cluster_of(answer(200, {"items": []})) as (cluster, script):
        cluster.run(List(POD, "shop", labels="app in (a,b)"))
    assert script.received[0].target.endswith("/pods?labelSelector=app+in+%28a%2Cb%29")


def test_identity_travels_with_the_request_alone() -> None:
    with scripted(answer(200, THING)) as script, clusters_at(script.url) as clusters:
        clusters.as_identity(Identity("alice", ("dev", "ops"))).run(GET)
        clusters.as_identity(Identity()).run(GET)
        clusters.as_identity(Identity("bob")).run(GET)
    first, second, third = script.received
    assert first.headers.get_all("Impersonate-User") == ["alice"]
    assert first.headers.get_all("Impersonate-Group") == ["dev", "ops"]
    assert second.headers.get_all("Impersonate-User") is None
    assert third.headers.get_all("Impersonate-Group") is None


def test_a_kubeconfig_that_acts_as_somebody_does_so_until_another_is_asked_for() -> None:
    with scripted(answer(200, THING)) as script:
        acts_as = {"Impersonate-User": ["ada"], "Impersonate-Group": ["dev"]}
        clusters = KubernetesClusters(Connection("test", script.url, acts_as=acts_as), QUICK)
        clusters.as_identity(Identity()).run(GET)
        clusters.as_identity(Identity("bob")).run(GET)
        clusters.close()
    first, second = script.received
    assert (first.headers.get_all("Impersonate-User"), first.headers["Impersonate-Group"]) == (["ada"], "dev")
    assert (second.headers.get_all("Impersonate-User"), second.headers["Impersonate-Group"]) == (["bob"], None)


@pytest.mark.parametrize(
    "identity",
    [Identity("a", ("system:masters",)), Identity("", ("dev",)), Identity("a\nX-Evil: 1"), Identity("a", ("é",))],
)
def test_some_identities_are_never_impersonated(identity: Identity) -> None:
    with clusters_at("http://127.0.0.1:1") as clusters, pytest.raises(Denied):
        clusters.as_identity(identity)


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422])
def test_refusals_keep_the_words_of_the_api(status: int) -> None:
    with cluster_of(refused(status, "no such luck")) as (cluster, script):
        given = cluster.run(GET)
    assert (given.status, given.problem) == (status, "no such luck")
    assert len(script.received) == 1


def test_401_says_what_to_do() -> None:
    with cluster_of(refused(401, "Unauthorized")) as (cluster, _):
        assert "log in again" in cluster.run(GET).problem


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_reads_are_repeated(status: int) -> None:
    with cluster_of(refused(status, "later"), refused(status, "later"), answer(200, THING)) as (cluster, script):
        assert cluster.run(GET).object == THING
    assert len(script.received) == 3


def test_repeating_is_bounded() -> None:
    with cluster_of(refused(503, "never")) as (cluster, script):
        assert cluster.run(GET).status == 503
    assert len(script.received) == QUICK.tries


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_writes_are_not_repeated(status: int) -> None:
    with cluster_of(refused(status, "later"), answer(201, THING)) as (cluster, script):
        assert cluster.run(WRITE).status == status
    assert len(script.received) == 1


def test_a_write_that_was_turned_away_is_repeated() -> None:
    with cluster_of(refused(429, "later"), answer(201, THING)) as (cluster, script):
        assert cluster.run(WRITE).status == 201
    assert len(script.received) == 2


def test_retry_after_is_honoured() -> None:
    with cluster_of(refused(429, "later", {"Retry-After": "1"}), answer(200, THING)) as (cluster, _):
        assert cluster.run(GET).took >= 1.0


def test_retry_after_is_not_waited_for_beyond_patience() -> None:
    with cluster_of(refused(429, "later", {"Retry-After": "3600"}), answer(200, THING)) as (cluster, script):
        assert cluster.run(GET).status == 429
    assert len(script.received) == 1


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (answer(200, b'{"kind": '), "not JSON"),
        (answer(200, b"[" * 100_000), "not JSON"),
        (answer(200, b"<html>login</html>"), "<html>login</html>"),
        (answer(200, b"[1]"), "not an object"),
        (answer(200, b"null"), "not an object"),
        (answer(200, b""), "empty"),
        (answer(200, THING, cut=5), "broke off"),
        (NOTHING, "broke off"),
        (b"what?\r\n\r\n", "broke off"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}", ""),
    ],
)
def test_an_answer_that_is_none(reply: bytes, said: str) -> None:
    with cluster_of(reply) as (cluster, _):
        given = cluster.run(GET)
    assert given.status == 0 or given.object == {}
    assert said in given.problem


def test_half_a_body_is_read_again() -> None:
    with cluster_of(answer(200, THING, cut=5), answer(200, THING)) as (cluster, _):
        assert cluster.run(GET).object == THING


def test_a_write_without_answer_is_not_called_failed() -> None:
    with cluster_of(NOTHING) as (cluster, script):
        given = cluster.run(WRITE)
    assert given.status == 0
    assert "is not known" in given.problem
    assert len(script.received) == 1


def test_errors_without_a_status_body() -> None:
    with cluster_of(answer(502, b"<html>bad gateway</html>")) as (cluster, _):
        given = cluster.run(WRITE)
    assert given.status == 502
    assert "Bad Gateway" in given.problem
    with cluster_of(answer(599, b"")) as (cluster, _):
        assert "599" in cluster.run(WRITE).problem


def test_redirects_are_not_followed() -> None:
    with cluster_of(answer(302, {}, {"Location": "http://127.0.0.1:1/steal"})) as (cluster, script):
        assert cluster.run(GET).status == 302
    assert len(script.received) == 1


def test_nobody_listens() -> None:
    with clusters_at("http://127.0.0.1:1") as clusters:
        given = clusters.as_identity(Identity()).run(WRITE)
    assert given.status == 0
    assert given.problem == "The cluster's API at http://127.0.0.1:1 cannot be reached: Connection refused."


def test_a_proxy_that_is_not_there() -> None:
    connection = Connection("test", "https://10.0.0.1:6443", proxy="http://user:s3cret@127.0.0.1:1")
    clusters = KubernetesClusters(connection, QUICK)
    given = clusters.as_identity(Identity()).run(WRITE)
    clusters.close()
    assert given.problem == "The proxy 127.0.0.1:1 cannot be used: Connection refused."


def test_no_answer_in_time() -> None:
    with scripted(answer(200, THING)) as script, clusters_at(script.url, replace(QUICK, read=0.5)) as clusters:
        script.hold.clear()
        given = clusters.as_identity(Identity()).run(WRITE)
        script.hold.set()
    assert given.status == 0
    assert "did not answer within 0.5 s" in given.problem


def test_a_head_that_drips_has_the_time_of_one_read() -> None:
    limits = replace(QUICK, read=1, tries=1)
    long = answer(200, THING, {"X-Long": "x" * 300})
    with scripted(long) as script, clusters_at(script.url, limits) as clusters:
        script.pause = 0.02
        given = clusters.as_identity(Identity()).run(GET)
    assert given.status == 0
    assert "did not answer within 1 s" in given.problem


@pytest.mark.parametrize(("operation", "known"), [(GET, True), (WRITE, False)])
def test_an_answer_that_drips_ends_with_the_patience(operation: Operation, known: bool) -> None:
    limits = replace(QUICK, patience=3)
    with scripted(answer(200, {"data": "x" * 4000})) as script, clusters_at(script.url, limits) as clusters:
        script.pause = 0.02
        given = clusters.as_identity(Identity()).run(operation)
    assert (given.status, given.took < 60) == (0, True)
    assert "not whole after 3 s" in given.problem
    assert ("is not known" not in given.problem) is known
    assert len(script.received) == 1


def test_logs_are_text_whatever_they_hold() -> None:
    with cluster_of(answer(200, b'{"not": \xff "json"\n')) as (cluster, _):
        assert cluster.run(Logs("shop", "web")).text == '{"not": \ufffd "json"\n'


def test_answers_have_a_size_limit() -> None:
    limits = Limits(tries=1, answer_bytes=1024)
    with scripted(answer(200, {"data": "x" * 4096})) as script, clusters_at(script.url, limits) as clusters:
        assert "larger than" in clusters.as_identity(Identity()).run(GET).problem


def test_reads_overlap_and_keep_their_order() -> None:
    with cluster_of(*(answer(200, {"n": n}) for n in range(4))) as (cluster, script):
        script.hold.clear()
        operations: list[Operation] = [Get(CONFIG_MAP, "shop", f"c{n}") for n in range(4)]
        threading.Timer(0.2, script.hold.set).start()
        answers = cluster.read(operations)
    assert script.busiest == 4
    by_path = {one.target: n for n, one in enumerate(script.received)}
    assert [one.object["n"] for one in answers] == [by_path[one.request().path] for one in operations]


def test_everything_sent_is_counted() -> None:
    with scripted(refused(503, "x"), answer(200, THING)) as script, clusters_at(script.url) as clusters:
        clusters.as_identity(Identity()).read([GET, GET])
        assert clusters.requests == len(script.received) == 3
        assert clusters.bytes_received > 2 * len(str(THING))


@pytest.mark.parametrize("name", ["../../nodes", "a/b", "..", ".", "a?b", "a#b", "a%2fb", "a b", "", "ü", "a\r\nb"])
def test_no_name_reaches_into_another_path(name: str) -> None:
    with cluster_of(answer(200, THING)) as (cluster, script):
        for operation in (Scale(DEPLOYMENT, "shop", name, 0), Scale(DEPLOYMENT, name, "web", 0)):
            if name:
                assert cluster.run(operation).status == 0
                assert list(cluster.watch(operation, 1)) == []
        assert script.received == []


def test_nothing_is_no_name() -> None:
    with cluster_of(answer(200, THING)) as (cluster, script):
        for operation in (Delete(POD, "shop", ""), Apply(POD, "shop", {}), Scale(DEPLOYMENT, "shop", "", 0)):
            assert "nothing was sent" in cluster.run(operation).problem
        assert script.received == []


def test_names_with_colons_are_names() -> None:
    kind = Kind("ClusterRole", "clusterroles", "rbac.authorization.k8s.io", namespaced=False)
    with cluster_of(answer(200, THING)) as (cluster, _):
        assert cluster.run(Get(kind, "", "system:node")).ok


def event(kind: str, name: str) -> bytes:
    return b'{"type": "%s", "object": {"metadata": {"name": "%s"}}}\n' % (kind.encode(), name.encode())


def stream(*events: bytes) -> bytes:
    """A chunked answer that ends, chunks cut where they please."""
    whole = b"".join(events)
    chunks = [whole[i : i + 7] for i in range(0, len(whole), 7)]
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body + b"0\r\n\r\n"


def test_watch_gives_events_until_the_stream_ends() -> None:
    with cluster_of(stream(event("ADDED", "a"), event("DELETED", "a"))) as (cluster, script):
        events = list(cluster.watch(List(POD, "shop", limit=5), 2))
    assert [one["type"] for one in events] == ["ADDED", "DELETED"]
    assert script.received[0].target == "/api/v1/namespaces/shop/pods?watch=true&timeoutSeconds=2"


@pytest.mark.parametrize(
    "reply",
    [
        stream(event("ADDED", "a"), b"{nonsense\n"),
        stream(event("ADDED", "a"), b"[1]\n"),
        stream(event("ADDED", "a"))[:-5],
    ],
)
def test_watch_ends_where_the_stream_breaks(reply: bytes) -> None:
    with cluster_of(reply) as (cluster, _):
        assert [one["type"] for one in cluster.watch(Watch(POD, "shop", 1), 1)] == ["ADDED"]


def test_watch_that_is_refused_says_so() -> None:
    with cluster_of(refused(403, "you may not")) as (cluster, _):
        (one,) = cluster.watch(Watch(POD, "shop", 1), 1)
    assert one["type"] == "ERROR"
    with clusters_at("http://127.0.0.1:1") as clusters:
        assert list(clusters.as_identity(Identity()).watch(Watch(POD, "shop", 1), 1)) == []
