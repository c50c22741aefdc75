"""Calls by HTTPS of a port that speaks plain HTTP (class 11): the client finds no TLS in the answer."""

from collections.abc import Iterator

from explainers import kinds
from explainers.diagnosis.case import Case, Rule
from explainers.diagnosis.classes import cases
from explainers.diagnosis.logs.connections import Failure, of_a_client
from explainers.diagnosis.model import Confidence, Finding, Layer
from explainers.diagnosis.plans.addresses import correct
from explainers.diagnosis.plans.mended_files import corrected
from explainers.diagnosis.views.addresses import Address, addresses, service_of
from explainers.diagnosis.views.calls import Call, Refusal, answered, lasting_complaints
from explainers.diagnosis.views.file_urls import FileUrl, https_of_services
from explainers.diagnosis.views.pods import Pod, text
from explainers.diagnosis.views.ports import resolved, service_ports
from explainers.diagnosis.views.probe_specs import probe_of
from explainers.document import Evidence
from explainers.kinds import Ref
from explainers.operations.reads import Get
from explainers.plan import Plan, Step

HTTPS = "https"


def speaks_no_tls(case: Case) -> Iterator[Finding]:
    """11: the log says that the answer is no TLS; a probe of the called pods that passes by plain HTTP says it, too."""
    refusal = answered(case, Failure.PLAIN)
    if (refusal is None or not refusal.address.container) and (by_file := _by_a_file(case)):
        yield by_file
        return
    address = _meant(case, refusal) if refusal else None
    meant = service_of(address.host, case.namespace) if address else None
    if refusal is None or address is None or meant is None or not case.service(*meant).ok:
        return
    where = f"{address.host}:{address.port}" if address.port else address.host
    by = f"`{address.variable}` has it call" if address.variable else "it calls"
    clause = f"{by} `{where}` by TLS, and what answers there speaks none"
    seen, call = [Evidence(refusal.source, refusal.line)], Call(address, *meant)
    probed = _probed_plainly(case, Ref(kinds.SERVICE.name, meant[1], meant[0]), address.port)
    if probed:
        seen.append(probed)
        clause = f"{by} `{where}` by HTTPS, and `{meant[0]}` speaks plain HTTP there, as its readiness probe shows"
    ref = case.workload_ref or case.target
    plan = correct(case, address, plain=True) if address.scheme == HTTPS else Plan()
    if not (plan.steps or plan.alternatives):
        why = f"where `{where}` is called: `http://` has to stand there in place of `https://`"
        plan = Plan((Step(Get(ref.type, ref.namespace, ref.name), why),))
    evidence = (*seen, *call.evidence)
    sure = Confidence.SURE if probed else Confidence.LIKELY
    yield Finding(11, ref, Layer.NEEDS, clause, evidence, plan, sure, about=cases.SPEAKS_NO_TLS)


def _by_a_file(case: Case) -> Finding | None:
    """The same of a URL that stands in a mounted file, where that is the only one that can be meant."""
    line, source = next(iter(lasting_complaints(case)), (None, ""))
    if line is None or line.failure is not Failure.PLAIN or of_a_client(line) or not case.template:
        return None
    pod = next((one for one in case.pods if one.whole), Pod(case.template))
    mine = [one for one in pod.main_containers if source.endswith(f"/{one.name}")]
    urls = [url for one in mine for url in https_of_services(case, one, line.host)]
    if len(urls) != 1:
        return None
    url, seen = urls[0], [Evidence(source, line.line)]
    if shown := url.file.shown(url.number):
        seen.append(Evidence(f"configmap {url.file.file.name}", f"{url.file.file.key}, line {url.number}: {shown}"))
    where = f"{url.host}:{url.port}"
    probed = _probed_plainly(case, _behind(case, url), url.port)
    speaks = f"`{url.name}` speaks plain HTTP there, as its probe shows" if probed else "what answers speaks no TLS"
    clause = f"line {url.number} of {url.file.place} has it call `{where}` by HTTPS, and {speaks}"
    seen += [probed] if probed else []
    plan = corrected(case, url.file, url.number, url.plain, f"call `{where}` by plain HTTP")
    sure, ref = Confidence.SURE if probed else Confidence.LIKELY, case.workload_ref or case.target
    return Finding(11, ref, Layer.NEEDS, clause, tuple(seen), plan, sure, about=cases.SPEAKS_NO_TLS)


def _behind(case: Case, url: FileUrl) -> Ref:
    """The Service that a URL leads to, also by the name of another one."""
    other = text(case.service(url.name, url.namespace).object, "spec", "externalName")
    meant = service_of(other, url.namespace) if other else None
    name, namespace = meant if meant and case.service(*meant).ok else (url.name, url.namespace)
    return Ref(kinds.SERVICE.name, namespace, name)


def _meant(case: Case, refusal: Refusal) -> Address | None:
    """The address that is called by HTTPS: that of the log's host, else the only one."""
    if not refusal.address.container:
        return refusal.address  # the log names what no variable does
    known = [one for one in addresses(case) if one.scheme == HTTPS]
    same = [one for one in known if one.host == refusal.address.host]
    return next(iter(same), known[0] if len({one.host for one in known}) == 1 else None)


def _probed_plainly(case: Case, ref: Ref, called: int) -> Evidence | None:
    """That pods behind a Service are ready, by a probe in plain HTTP on the port to which calls of this port go."""
    inner = case.follow(ref)
    ports = [one for one in service_ports(inner.object) if called in (0, one.port)]
    ready = [one for one in inner.pods if one.ready]
    if not ports or not ready:
        return None
    pod = next((one for one in ready if one.whole), Pod(inner.template))
    target = resolved(ports[0], pod.spec)
    for container in pod.main_containers:
        probe = probe_of(container, "readiness")
        plain = probe is not None and probe.handler == "httpGet" and text(probe.action, "scheme") in ("", "HTTP")
        if probe and plain and probe.port == target:
            return Evidence(f"pod {ready[0].name}", f"ready: its readiness probe asks HTTP on port {target}")
    return None


RULES: tuple[Rule, ...] = (speaks_no_tls,)
