"""What a probe gets, in words."""

from http import HTTPStatus

from explainers.diagnosis.views.endings import Ending, restarts
from explainers.diagnosis.views.probe_specs import Failed, Failure, Probe, probe_of


def status(fails: Failed) -> str:
    """What the server answers."""
    if fails.failure is Failure.SCHEME:
        return "an answer in the other scheme (HTTP instead of HTTPS or the reverse)"
    names = {status.value: status.phrase for status in HTTPStatus}
    return f"{fails.status} {names.get(fails.status, '')}".strip()


def kills(ending: Ending, probe: Probe, fails: Failed | None) -> str:
    """That the kubelet ends the container for what the probe gets."""
    how = "fails"
    if fails:
        how = {
            Failure.STATUS: f"gets {status(fails)}",
            Failure.SCHEME: f"gets {status(fails)}",
            Failure.REFUSED: "gets no gRPC answer" if probe.handler == "grpc" else "is refused",
            Failure.TIMEOUT: f"gets no answer within {probe.timeout} s",
            Failure.NO_COMMAND: "finds no such command",
        }.get(fails.failure, f"fails: {fails.said}" if fails.said else "fails")
    passes = (
        ", while its readiness probe passes"
        if ending.container.ready and probe_of(ending.container, "readiness")
        else ""
    )
    return (
        f"the {probe.kind} probe of container `{ending.container.name}` {probe.asks} and {how}{passes}, so the kubelet "
        f"kills the container again and again ({restarts(ending.container)})"
    )
