"""Subresources: scale, log, eviction, binding, token."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.sandbox.jsonish import Object, dig, micro_timestamp, parse_timestamp, timestamp
from bot.sandbox.messages import Request, Response
from bot.sandbox.paths import Target
from bot.sandbox.ports import LogLine, Runtime
from bot.sandbox.refusals import bad_request, conflict, method_not_allowed, too_many_requests
from bot.sandbox.selectors import matches_label_selector
from bot.sandbox.tablecells import labels_text
from bot.sandbox.writing import Writer, patched


@dataclass(frozen=True)
class Subresources:
    """Answers requests below an object."""

    writer: Writer
    runtime: Runtime

    def answer(self, target: Target, request: Request) -> Response:
        """Answer a request on a subresource other than status and exec.

        Raises RefusalError.
        """
        answers: Mapping[tuple[str, str], Callable[[Target, Request], Response]] = {
            ("GET", "scale"): self._get_scale,
            ("PUT", "scale"): self._put_scale,
            ("PATCH", "scale"): self._patch_scale,
            ("GET", "log"): self._log,
            ("POST", "eviction"): self._evict,
            ("POST", "binding"): self._bind,
            ("POST", "token"): self._token,
        }
        answer = answers.get((request.method, target.subresource))
        if answer is None:
            raise method_not_allowed()
        return answer(target, request)

    def _get_scale(self, target: Target, _request: Request) -> Response:
        return Response(scale_of(self.writer.read(_parent(target))))

    def _put_scale(self, target: Target, request: Request) -> Response:
        return self._set_scale(target, request.object(), request)

    def _patch_scale(self, target: Target, request: Request) -> Response:
        kind = request.headers.get("content-type", "").partition(";")[0]
        scale = scale_of(self.writer.read(_parent(target)))
        if kind == "application/apply-patch+yaml":
            kind = "application/merge-patch+json"
        return self._set_scale(target, patched(kind, scale, request.json()), request)

    def _set_scale(self, target: Target, scale: Object, request: Request) -> Response:
        with self.writer.store.lock:
            obj = self.writer.read(_parent(target))
            version = dig(scale, "metadata", "resourceVersion")
            if version and version != obj["metadata"]["resourceVersion"]:
                raise conflict(target.resource, target.name)
            obj["spec"]["replicas"] = dig(scale, "spec", "replicas", default=0)
            return Response(scale_of(self.writer.replace(_parent(target), obj, dry_run=request.dry_run)))

    def _log(self, target: Target, request: Request) -> Response:
        pod = self.writer.read(_parent(target))
        return Response("".join(f"{line}\n" for line in self.log_lines(pod, request)))

    def log_lines(self, pod: Object, request: Request) -> list[str]:
        """Give the lines that a log request asks for: tail, since, time stamps.

        Raises RefusalError 400 where the container is not named, not known, or has no log.
        """
        container = request.query.get("container") or only_container(pod)
        lines = self.runtime.logs(pod, container, request.flag("previous"))
        since = request.query.get("sinceSeconds", "")
        if since.isdigit():
            start = self.writer.store.now() - timedelta(seconds=int(since))
            lines = [line for line in lines if line.at >= start]
        if moment := request.query.get("sinceTime"):
            first = _moment(moment)
            lines = [line for line in lines if line.at >= first]
        tail = request.query.get("tailLines", "")
        if tail.isdigit():
            lines = lines[-int(tail) :] if int(tail) else []
        return _limited([log_text(line, request) for line in lines], request.query.get("limitBytes", ""))

    def _evict(self, target: Target, request: Request) -> Response:
        pod = self.writer.read(_parent(target))
        for budget in self.writer.store.all("policy", "poddisruptionbudgets", target.namespace):
            selected = matches_label_selector(dig(budget, "spec", "selector"), dig(pod, "metadata", "labels"))
            if selected and dig(budget, "status", "disruptionsAllowed", default=0) < 1:
                name = budget["metadata"]["name"]
                need, have = (dig(budget, "status", key, default=0) for key in ("desiredHealthy", "currentHealthy"))
                raise too_many_requests(
                    f"The disruption budget {name} needs {need} healthy pods and has {have} currently"
                )
        options = request.object().get("deleteOptions") or {}
        dry = request.dry_run or "All" in (options.get("dryRun") or [])
        self.writer.delete(_parent(target), options, dry_run=dry)
        return Response(success(), 201)

    def _bind(self, target: Target, request: Request) -> Response:
        pod = self.writer.read(_parent(target))
        pod["spec"]["nodeName"] = dig(request.object(), "target", "name", default="")
        self.writer.store.update("", "pods", pod)
        return Response(success(), 201)

    def _token(self, target: Target, request: Request) -> Response:
        self.writer.read(_parent(target))
        body = request.object()
        seconds = int(dig(body, "spec", "expirationSeconds", default=3600))
        expires = timestamp(self.writer.store.now() + timedelta(seconds=seconds))
        token = f"sandbox.{target.namespace}.{target.name}"
        return Response(body | {"status": {"token": token, "expirationTimestamp": expires}}, 201)


def _parent(target: Target) -> Target:
    return Target(target.resource, target.namespace, target.name)


def success(details: Object | None = None) -> Object:
    """The Status that says "done"."""
    status: Object = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
    return status | ({"details": details} if details else {})


def scale_of(obj: Object) -> Object:
    """Build the Scale of a workload."""
    meta = obj["metadata"]
    kept = {key: meta[key] for key in ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")}
    selector = labels_text(dig(obj, "spec", "selector"))
    replicas = dig(obj, "spec", "replicas", default=0)
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": kept,
        "spec": {"replicas": replicas} if replicas else {},
        "status": {"replicas": dig(obj, "status", "replicas", default=0), "selector": selector},
    }


def only_container(pod: Object) -> str:
    """Name the container of a pod that has one.

    Raises RefusalError 400 for a pod with several.
    """
    containers = [str(c["name"]) for c in dig(pod, "spec", "containers", default=[])]
    if len(containers) == 1:
        return containers[0]
    inits = [str(c["name"]) for c in dig(pod, "spec", "initContainers", default=[])]
    name, choice = pod["metadata"]["name"], f"choose one of: [{' '.join(containers)}]"
    more = f" or one of the init containers: [{' '.join(inits)}]" if inits else ""
    raise bad_request(f"a container name must be specified for pod {name}, {choice}{more}")


def log_text(line: LogLine, request: Request) -> str:
    """Write one line as the request asks for it."""
    return f"{micro_timestamp(line.at)} {line.text}" if request.flag("timestamps") else line.text


def _moment(text: str) -> datetime:
    try:
        moment = parse_timestamp(text)
    except ValueError as error:
        raise bad_request(f"sinceTime: {error}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _limited(lines: list[str], limit: str) -> list[str]:
    if not limit.isdigit():
        return lines
    kept: list[str] = []
    size = 0
    for line in lines:
        size += len(line.encode()) + 1
        if size > int(limit):
            break
        kept.append(line)
    return kept


def exit_status(code: int, failure: str = "") -> str:
    """The status that ends an exec stream, as text."""
    body: dict[str, Any] = {"metadata": {}, "status": "Success"}
    if code or failure:
        message = failure or f"command terminated with non-zero exit code: exit status {code}"
        body |= {"status": "Failure", "reason": "NonZeroExitCode", "message": message}
        body["details"] = {"causes": [{"reason": "ExitCode", "message": str(code)}]}
    return json.dumps(body)
