"""Base images that cannot be had, and pushes that are refused.

The bodies of the stubs are what the providers are documented to answer; what becomes of them is the client's own.
"""

import hashlib
import json
from collections.abc import Callable
from contextlib import AbstractContextManager

from tests.builds import stubs
from tests.builds.captured import Output
from tests.builds.cases.case import Act, Case, Parts, both, ours
from tests.builds.programs import Files, Login, login
from tests.builds.stubs import Answers, Reply, refusal, serving

Server = Callable[[Parts], AbstractContextManager[str]]
OPEN, PRIVATE = "localhost:5000", "localhost:5001"
"""A registry without login, and one that knows only one user."""
_RIGHT, _WRONG = ("tessera", "tessera"), ("tessera", "wrong")
_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
_ARM = json.dumps(
    {
        "schemaVersion": 2,
        "mediaType": _LIST,
        "manifests": [
            {
                "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
                "size": 500,
                "digest": "sha256:" + "a" * 64,
                "platform": {"architecture": "arm64", "os": "linux"},
            }
        ],
    }
)
_INDEX = Reply(
    200,
    _ARM,
    {"Content-Type": _LIST, "Docker-Content-Digest": "sha256:" + hashlib.sha256(_ARM.encode()).hexdigest()},
)
_DENIED = refusal(401, "DENIED", "requested access to the resource is denied")
_HTML = {"Content-Type": "text/html"}
_LARGE = "<html>\n<head><title>413 Request Entity Too Large</title></head>\n</html>"
_RATE = "You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: "
_RATE += "https://www.docker.com/increase-rate-limit"
_GAR = 'Permission "artifactregistry.repositories.uploadArtifacts" denied on resource '
_GAR += '"projects/acme/locations/europe/repositories/shop" (or it may not exist)'
_ECR = "The repository with name 'acme/test-push' does not exist in the registry with id '123456789012'"


def plain(answers: Answers) -> Server:
    return lambda _parts: serving(answers)


def outside(answers: Answers, tls: str = "") -> Server:
    """On an address that clients do not take for a loopback one, so that they want TLS; `tls` as the name `*`
    means a certificate for the address itself."""
    return lambda parts: serving(answers, parts.bridge, tls.replace("*", parts.bridge))


def nobody(parts: Parts) -> AbstractContextManager[str]:
    return stubs.nobody()


def silent(parts: Parts) -> AbstractContextManager[str]:
    return stubs.mute()


def _pull(program: str, server: Server, name: str) -> Act:
    def act(parts: Parts) -> tuple[Output, tuple[str, ...]]:
        with server(parts) as address:
            files = {"Dockerfile": f"FROM {address}/acme/base:1\n"}
            built = parts.engine.build(files) if program == "docker" else parts.buildkit.build(files)
            return built, (f"{address}/acme/base:1" if name == "image" else address,)

    return act


def _push(program: str, server: Server | str, user: Login | None) -> Act:
    def to(parts: Parts, address: str) -> Output:
        image = f"{address}/acme/test-push:1"
        if program == "docker":
            return parts.engine.push(image, user)
        login(parts.buildkit, address, user)
        return parts.buildkit.push(image)

    def act(parts: Parts) -> tuple[Output, tuple[str, ...]]:
        if isinstance(server, str):
            return to(parts, server), (server,)
        with server(parts) as address:
            return to(parts, address), (address,)

    return act


def pulls(kind: str, variant: str, server: Server, how: str, retry: bool = False, name: str = "host") -> list[Case]:
    """A base image from that server, by both builders; the headline must have the host, or the whole image."""
    return [
        Case(kind, f"{variant}-{program}", program, how, (), _pull(program, server, name), retry)
        for program in ("docker", "buildkit")
    ]


def pushes(
    kind: str, variant: str, server: Server | str, how: str, retry: bool = False, user: Login | None = None
) -> list[Case]:
    """A push to that server or registry, by both builders."""
    return [
        Case(kind, f"{variant}-{program}", program, how, (), _push(program, server, user), retry)
        for program in ("docker", "buildkit")
    ]


def _from(image: str) -> Files:
    return {"Dockerfile": f"FROM {image}\n"}


def _with_login(image: str, user: Login, variant: str) -> list[Case]:
    """A base image from the registry with login, asked for with these credentials."""

    def by_docker(parts: Parts) -> tuple[Output, tuple[str, ...]]:
        return parts.engine.build(_from(image), logins={PRIVATE: user}), ()

    def by_buildkit(parts: Parts) -> tuple[Output, tuple[str, ...]]:
        login(parts.buildkit, PRIVATE, user)
        return parts.buildkit.build(_from(image)), ()

    how = f"FROM {image} with a wrong password"
    return [
        Case("base_auth_denied", f"{variant}-docker", "docker", how, (PRIVATE,), by_docker),
        Case("base_auth_denied", f"{variant}-buildkit", "buildkit", how, (PRIVATE,), by_buildkit),
    ]


def _untagged(parts: Parts) -> tuple[Output, tuple[str, ...]]:
    return parts.engine.push_only(f"{OPEN}/test-absent:1"), ()


_BASES = [
    *both("base_not_found", "tag", _from(f"{OPEN}/library/busybox:9.9"), f"{OPEN}/library/busybox:9.9"),
    *both("base_not_found", "repository", _from(f"{OPEN}/acme/none:1"), f"{OPEN}/acme/none:1"),
    *both("base_not_found", "digest", _from(f"{OPEN}/library/busybox@sha256:" + "0" * 64), f"{OPEN}/library/busybox"),
    *pulls("base_not_found", "platform", plain(stubs.always(_INDEX)), "an image for arm64 alone", name="image"),
    *both("base_auth_denied", "no-login", _from(f"{PRIVATE}/acme/base:1"), PRIVATE),
    *_with_login(f"{PRIVATE}/acme/base:1", _WRONG, "wrong-password"),
    *pulls(
        "base_auth_denied",
        "hub",
        plain(stubs.tokens(_DENIED, reads=True)),
        "a repository that is private or absent, as Docker Hub answers",
        name="image",
    ),
    *pulls(
        "base_auth_denied",
        "forbidden",
        plain(stubs.always(refusal(403, "DENIED", "access forbidden"))),
        "403",
        name="image",
    ),
    *pulls(
        "rate_limited",
        "hub",
        plain(stubs.always(refusal(429, "TOOMANYREQUESTS", _RATE))),
        "429 with Docker Hub's words",
        retry=True,
    ),
    *pulls(
        "rate_limited",
        "plain",
        plain(stubs.always(Reply(429, "slow down\n", {"Content-Type": "text/plain"}))),
        "429 with words of no known form",
        retry=True,
    ),
    *both("dns_failure", "base", _from("registry.nowhere.invalid/acme/base:1"), "registry.nowhere.invalid", retry=True),
    *pulls("registry_refused", "base", nobody, "a port where nothing listens", retry=True),
    *pulls("proxy_limit_or_timeout", "base-silent", silent, "a port that never answers", retry=True)[:1],
    *pulls(
        "proxy_limit_or_timeout",
        "base-503",
        plain(stubs.always(Reply(503, "<html>upstream</html>", _HTML))),
        "503",
        retry=True,
    ),
    *pulls(
        "proxy_limit_or_timeout", "base-reset", plain(stubs.always(Reply(0))), "connections that are reset", retry=True
    ),
    *pulls(
        "tls_untrusted",
        "base-unknown-authority",
        outside(stubs.always(Reply(404)), "*"),
        "a certificate that signed itself",
    ),
    *pulls(
        "tls_untrusted",
        "base-other-name",
        outside(stubs.always(Reply(404)), "registry.example"),
        "a certificate for another name",
    ),
    *pulls("tls_untrusted", "base-plain-http", outside(stubs.always(Reply(404))), "plain HTTP where TLS is wanted"),
]

_PUSHES = [
    *pushes("push_unauthorized", "no-login", PRIVATE, "no login"),
    *pushes("push_unauthorized", "wrong-password", PRIVATE, "a wrong password", user=_WRONG),
    *pushes(
        "push_unauthorized",
        "expired",
        plain(
            stubs.writes(refusal(403, "DENIED", "Your authorization token has expired. Reauthenticate and try again."))
        ),
        "an expired token, in the words of Amazon ECR",
        user=_RIGHT,
    ),
    *pushes(
        "push_unauthorized",
        "ghcr",
        plain(
            stubs.writes(
                refusal(401, "UNAUTHORIZED", "unauthenticated: User cannot be authenticated with the token provided.")
            )
        ),
        "a token that is not valid, in the words of ghcr.io",
        user=_RIGHT,
    ),
    *pushes(
        "push_unauthorized",
        "gar",
        plain(
            stubs.writes(
                refusal(
                    403,
                    "DENIED",
                    "Unauthenticated request. Unauthenticated requests do not have permission "
                    '"artifactregistry.repositories.uploadArtifacts" on resource '
                    '"projects/acme/locations/europe/repositories/shop" (or it may not exist)',
                )
            )
        ),
        "no login, in the words of Google's Artifact Registry",
    ),
    *pushes(
        "push_denied",
        "hub",
        plain(stubs.tokens(_DENIED)),
        "a login without the scope, as Docker Hub answers",
        user=_RIGHT,
    ),
    *pushes(
        "push_denied",
        "ecr-no-repository",
        plain(stubs.writes(refusal(404, "NAME_UNKNOWN", _ECR))),
        "a repository that does not exist, in the words of Amazon ECR",
        user=_RIGHT,
    ),
    *pushes(
        "push_denied",
        "gar",
        plain(stubs.writes(refusal(403, "DENIED", _GAR))),
        "no permission, in the words of Google's Artifact Registry",
        user=_RIGHT,
    ),
    *pushes(
        "push_denied",
        "ghcr",
        plain(stubs.writes(refusal(403, "DENIED", "permission_denied: write_package"))),
        "a token without write:packages, in the words of ghcr.io",
        user=_RIGHT,
    ),
    *pushes(
        "push_denied",
        "gitlab",
        plain(stubs.writes(refusal(403, "DENIED", "access forbidden"))),
        "no access, in the words of GitLab",
        user=_RIGHT,
    ),
    *pushes(
        "push_denied",
        "harbor",
        plain(
            stubs.writes(
                refusal(
                    401,
                    "UNAUTHORIZED",
                    "unauthorized to access repository: acme/test-push, action: push: unauthorized to access "
                    "repository: acme/test-push, action: push",
                )
            )
        ),
        "no push right, in the words of Harbor",
        user=_RIGHT,
    ),
    *pushes(
        "push_denied",
        "immutable",
        plain(
            stubs.writes(
                refusal(
                    400,
                    "TAG_INVALID",
                    "The image tag '1' already exists in the 'acme/test-push' repository and cannot be overwritten "
                    "because the repository is immutable.",
                )
            )
        ),
        "a tag that may not change, in the words of Amazon ECR",
        user=_RIGHT,
    ),
    *pushes(
        "proxy_limit_or_timeout",
        "413",
        plain(stubs.uploads(Reply(413, _LARGE, _HTML))),
        "a proxy that takes no large bodies",
    ),
    *pushes(
        "proxy_limit_or_timeout",
        "upload-unknown",
        plain(stubs.uploads(refusal(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry"))),
        "an upload that the registry forgot",
        retry=True,
    ),
    *pushes(
        "proxy_limit_or_timeout",
        "reset",
        plain(stubs.uploads(Reply(0))),
        "a connection that is reset during the upload",
        retry=True,
    ),
    *pushes(
        "proxy_limit_or_timeout",
        "504",
        plain(stubs.uploads(Reply(504, "<html><h1>504 Gateway Time-out</h1></html>", _HTML))),
        "a proxy that gave up waiting",
        retry=True,
    ),
    *pushes(
        "proxy_limit_or_timeout",
        "500",
        plain(stubs.uploads(refusal(500, "UNKNOWN", "unknown error"))),
        "a registry that fails",
        retry=True,
    ),
    *pushes(
        "rate_limited",
        "push",
        plain(stubs.uploads(refusal(429, "TOOMANYREQUESTS", "Rate exceeded"))),
        "429 during a push",
        retry=True,
    ),
    *pushes("registry_refused", "push", nobody, "a port where nothing listens", retry=True),
    *pushes("dns_failure", "push", "registry.nowhere.invalid", "a host that does not exist", retry=True),
    *pushes(
        "tls_untrusted",
        "push-unknown-authority",
        outside(stubs.always(Reply(404)), "*"),
        "a certificate that signed itself",
    ),
    *pushes("tls_untrusted", "push-plain-http", outside(stubs.always(Reply(404))), "plain HTTP where TLS is wanted"),
    *pushes(
        "unknown",
        "tag-refused",
        plain(stubs.uploads(refusal(400, "MANIFEST_INVALID", "manifest failed our house rules"))),
        "a refusal of no known kind",
    ),
    *ours(
        "push_unauthorized", "no-login", {"Dockerfile": "FROM busybox\n"}, PRIVATE, image=f"{PRIVATE}/acme/test-push:1"
    ),
    *ours("base_not_found", "tag", _from(f"{OPEN}/library/busybox:9.9"), f"{OPEN}/library/busybox:9.9"),
    Case(
        "local_tag_missing",
        "absent-docker",
        "docker",
        "a push of an image that was never built",
        (f"{OPEN}/test-absent",),
        _untagged,
        retry=True,
    ),
]

CASES: list[Case] = [*_BASES, *_PUSHES]
