"""The API: one request in, one response out. No sockets here; `asgi` brings the bytes."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from bot.sandbox.access import ADMIN, Attributes, Authorizer, Identity, identify, impersonated, refusal_text
from bot.sandbox.admission import Admission
from bot.sandbox.discovery import AGGREGATED, discover
from bot.sandbox.jsonish import Object, dig
from bot.sandbox.messages import Request, Response
from bot.sandbox.paths import Target, parse_path
from bot.sandbox.ports import Runtime
from bot.sandbox.reading import Reader
from bot.sandbox.refusals import RefusalError, forbidden, method_not_allowed, no_such_path, unauthorized
from bot.sandbox.reviews import answer_review
from bot.sandbox.store import Store
from bot.sandbox.subresources import Subresources, success
from bot.sandbox.writing import Writer

_REVIEWS = ("authorization.k8s.io", "authentication.k8s.io")
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


@dataclass(frozen=True)
class Api:
    """Authentication, authorization, routing; `token` is the administrator's bearer token."""

    store: Store
    authorizer: Authorizer
    writer: Writer
    runtime: Runtime
    token: str

    @property
    def reader(self) -> Reader:
        """The reading half."""
        return Reader(self.store)

    @property
    def subresources(self) -> Subresources:
        """What lies below objects."""
        return Subresources(self.writer, self.runtime)

    def answer(self, request: Request) -> Response:
        """Answer any request but a watch, a followed log, or exec; refusals become Status bodies."""
        try:
            return self._answer(request)
        except RefusalError as refusal:
            return Response(refusal.status(), refusal.code)

    def _answer(self, request: Request) -> Response:
        who = self.identify(request)
        if request.path in ("/healthz", "/livez", "/readyz"):
            return Response("ok")
        accept = request.headers.get("accept", "")
        if request.method == "GET" and (found := discover(request.path, accept)) is not None:
            aggregated = found.get("kind") == "APIGroupDiscoveryList"
            return Response(found, media_type=AGGREGATED if aggregated else "")
        target = self.authorize(request, who)
        if target.resource.group in _REVIEWS:
            return Response(answer_review(target.resource.kind, request.object(), who, self.authorizer), 201)
        if target.subresource and target.subresource != "status":
            return self.subresources.answer(target, request)
        if request.method == "GET":
            return self.reader.get(target, request) if target.name else self.reader.list(target, request)
        return self._write(target, request)

    def identify(self, request: Request) -> Identity:
        """Name the caller.

        Raises RefusalError 401 for a token that is not known.
        """
        sent = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if sent.startswith("sandbox."):
            namespace, _, name = sent.removeprefix("sandbox.").partition(".")
            return impersonated(f"system:serviceaccount:{namespace}:{name}", ())
        if sent and sent != self.token:
            raise unauthorized()
        return identify(request.headers, request.groups) if "impersonate-user" in request.headers else ADMIN

    def authorize(self, request: Request, who: Identity) -> Target:
        """Name what a request is about and check that the caller may.

        Raises RefusalError 403, 404.
        """
        target = parse_path(unquote(request.path))
        if target is None:
            raise no_such_path(request.path)
        what = attributes(target, request)
        if not self.authorizer.decide(who, what).allowed:
            raise forbidden(target.resource, target.name, refusal_text(who, what))
        return target

    def _write(self, target: Target, request: Request) -> Response:
        if request.query.get("fieldValidation") == "Strict" and request.method in ("POST", "PUT"):
            self.writer.check_shape(target.resource, request.object(), strict=True)
        match request.method:
            case "POST" if not target.name:
                created = self.writer.create(target, request.object(), dry_run=request.dry_run)
                return Response(self.reader.typed(target, created), 201)
            case "PUT" if target.name:
                return self._typed(target, self.writer.replace(target, request.object(), dry_run=request.dry_run))
            case "PATCH" if target.name:
                return self._patch(target, request)
            case "DELETE":
                return self._delete(target, request) if target.name else self._delete_all(target, request)
            case _:
                raise method_not_allowed()

    def _typed(self, target: Target, obj: Object) -> Response:
        return Response(self.reader.typed(target, obj))

    def _patch(self, target: Target, request: Request) -> Response:
        kind = request.headers.get("content-type", "").partition(";")[0].strip()
        existed = self.store.find(target.resource.group, target.resource.plural, target.namespace, target.name)
        manager = request.query.get("fieldManager", "")
        patched = self.writer.patch(
            target, kind, request.json(), dry_run=request.dry_run, manager=manager, force=request.flag("force")
        )
        return Response(self.reader.typed(target, patched), 200 if existed else 201)

    def _delete(self, target: Target, request: Request) -> Response:
        options = _delete_options(request)
        dry = request.dry_run or "All" in (options.get("dryRun") or [])
        last = self.writer.delete(target, options, dry_run=dry)
        if dig(last, "metadata", "deletionTimestamp") or target.resource.kind == "Pod":
            return self._typed(target, last)
        meta, resource = last["metadata"], target.resource
        details = {"name": meta["name"], "kind": resource.plural, "uid": meta["uid"]}
        return Response(success(details | ({"group": resource.group} if resource.group else {})))

    def _delete_all(self, target: Target, request: Request) -> Response:
        query = self.reader.query(target, request)
        found = self.store.list(
            query.group, query.resource, query.namespace, query.label_selector, query.field_selector
        )
        for item in found.items:
            one = Target(target.resource, item["metadata"].get("namespace", ""), item["metadata"]["name"])
            self.writer.delete(one, _delete_options(request), dry_run=request.dry_run)
        kind = {"kind": f"{target.resource.kind}List", "apiVersion": target.resource.api_version}
        return Response(kind | {"metadata": {"resourceVersion": str(self.store.version)}, "items": found.items})


def _delete_options(request: Request) -> Object:
    options = request.object() if request.body else {}
    if "propagationPolicy" in request.query:
        options["propagationPolicy"] = request.query["propagationPolicy"]
    if request.query.get("gracePeriodSeconds", "").isdigit():
        options["gracePeriodSeconds"] = int(request.query["gracePeriodSeconds"])
    return options


def attributes(target: Target, request: Request) -> Attributes:
    """Put a request into the authorizer's words."""
    verb = _VERBS.get(request.method, "get")
    if request.method == "GET" and request.flag("watch"):
        verb = "watch"
    elif request.method in ("GET", "DELETE") and not target.name:
        verb = "list" if request.method == "GET" else "deletecollection"
    if target.subresource == "exec":
        verb = "create" if request.method == "POST" else "get"
    resource = target.resource.plural + (f"/{target.subresource}" if target.subresource else "")
    namespace = target.namespace or (target.name if target.resource.kind == "Namespace" else "")
    return Attributes(verb, target.resource.group, resource, namespace, target.name)


def build_api(store: Store, runtime: Runtime, token: str, authorizer: Authorizer | None = None) -> Api:
    """Wire an API over a store."""
    writer = Writer(store, Admission(store))
    return Api(store, authorizer or Authorizer(store), writer, runtime, token)
