"""What a probe gets, in words."""

from http import HTTPStatus

from explainers.diagnosis.views.endings import Ending, restarts
from explainers.diagnosis.views.mended import quiet
from explainers.diagnosis.views.pods import Container, table
from explainers.diagnosis.views.probe_specs import Failed, Failure, Probe, probe_of
from explainers.diagnosis.when import span


def status(fails: Failed) -> str:
    """What the server answers."""
    if fails.failure is Failure.SCHEME:
        return "an answer in the other scheme (HTTP instead of HTTPS or the reverse)"
    names = {status.value: status.phrase for status in HTTPStatus}
    return f"{fails.status} {names.get(fails.status, '')}".strip()


def kills(ending: Ending, probe: Probe, fails: Failed | None) -> str:
    """That the kubelet ends the container for what the probe gets; or that it ended it once, for what it got."""
    container = ending.container
    over = past(ending, fails)
    how = "failed" if over else "fails"
    if fails:
        gets, found = ("got", "found") if over else ("gets", "finds")
        how = {
            Failure.STATUS: f"{gets} {status(fails)}",
            Failure.SCHEME: f"{gets} {status(fails)}",
            Failure.REFUSED: f"{gets} no gRPC answer"
            if probe.handler == "grpc"
            else "was refused"
            if over
            else "is refused",
            Failure.TIMEOUT: f"{gets} no answer within {probe.timeout} s",
            Failure.NO_COMMAND: f"{found} no such command",
        }.get(fails.failure, f"{how}: {fails.said}" if fails.said else how)
    readiness = container.ready and probe_of(container, "readiness")
    passes = ", while its readiness probe passes" if readiness and not over else ""
    so = f"so the kubelet {'killed' if over else 'kills'} the container{often(container)}"
    return f"the {probe.kind} probe of container `{container.name}` {probe.asks} and {how}{passes}, {so}"


def often(container: Container) -> str:
    """How often a container is ended, as the end of a clause: once is not again and again."""
    told = f" ({restarts(container)})" if container.restarts else ""
    return f" again and again{told}" if container.restarts > 1 else told


def past(ending: Ending, fails: Failed | None) -> bool:
    """Whether it was ended once, and has been up since without a failure that is known of; or whether it is ready, has
    run longer than before if it was ended more often, and the failures are long over."""
    container, since = ending.container, ending.container.running_since
    if since is None:
        return False
    last = fails.last if fails and fails.last and fails.last > since else None
    if container.restarts == 1 and last is None:
        return True
    lasts = container.restarts == 1 or ending.outlasted is not None
    probe = table(container.spec, "livenessProbe")
    return container.ready and lasts and quiet(probe, ending.case.now - (last or since))


def not_since(ending: Ending, fails: Failed | None) -> str:
    """That a probe has not failed since the container was started again, or for how long it has not."""
    since, last = ending.container.running_since, fails.last if fails else None
    later = span(ending.case.now - last) if since and last and last > since else ""
    return f"the probe has not failed {f'for {later}' if later else 'since'}"
