"""The line of a container's log that tells what is wrong with it now, whether it ends, is not ready, or is ready."""

from collections.abc import Iterator

from explainers.diagnosis.case import Case
from explainers.diagnosis.logs.lasting import mostly_errors, telling_now
from explainers.diagnosis.logs.lines import telling
from explainers.diagnosis.views.calls import log_name
from explainers.diagnosis.views.endings import crashes, in_trouble, last_log, source_of
from explainers.diagnosis.views.pods import Container
from explainers.document import Evidence


def troubles(case: Case) -> Iterator[tuple[Container, Evidence]]:
    """The containers of the newest unready pod, else of one that restarts, else of the first that runs, each with that
    line and where it is read. Of a ready one it is told only where its log is little else than errors."""
    restless = (pod for pod in case.pods if any(in_trouble(case, one) for one in pod.containers))
    running = (pod for pod in case.pods if pod.phase == "Running")
    for pod in case.unready_pods[:1] or list(restless)[:1] or list(running)[:1]:
        for container in (one for one in pod.main_containers if one.ran):
            if line := _trouble(case, container):
                ended = container.last_end and in_trouble(case, container)
                source = source_of(case, container, line) if ended else log_name(container)
                yield container, Evidence(source, line)


def _trouble(case: Case, container: Container) -> str:
    """That line; empty where nothing is told, also of what the kubelet ends itself."""
    if container.last_end and in_trouble(case, container):
        told = telling(last_log(case, container).text) if crashes(case, container) else None
    elif not container.ready:
        told = telling_now(case.log(container).text)
    else:
        errors = mostly_errors(case.stamped_log(container), case.now)
        return errors.line if errors else ""
    return told.line if told and told.weight else ""
