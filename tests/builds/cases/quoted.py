"""Wordings that these parts cannot be brought to say, verbatim from the sources of the programs that say them.

Every kind is provoked at least once; these are further wordings of it: of newer engines, of kernels with cgroup v2, of
services that no test may ask, of certificates that run out. `source` names where each stands.
"""

from explainers.builds.model import Phase
from tests.builds.captured import Captured, Output

_VERSION = "https://github.com/moby/moby/blob/master/daemon/server/middleware/version.go"
_GITHUB = "https://docs.github.com/en/authentication/troubleshooting-ssh/error-permission-denied-publickey"


def _quoted(
    kind: str,
    variant: str,
    error: str,
    source: str,
    *names: str,
    retry: bool = False,
    tail: tuple[str, ...] = (),
    code: int = 0,
    phase: Phase = Phase.BUILD,
) -> Captured:
    output = Output(error, tail, code, phase)
    return Captured(kind, variant, "not run", "quoted from its source", names, retry, output, source)


QUOTED: list[Captured] = [
    _quoted(
        "run_failed",
        "quoted-buildkit-0.8",
        "executor failed running [/bin/sh -c make all]: exit code: 2",
        "https://github.com/moby/buildkit/blob/v0.8.3/executor/runcexecutor/executor.go",
        "make all",
        "2",
    ),
    _quoted(
        "dockerfile_missing",
        "quoted-buildkit-0.8",
        "failed to solve with frontend dockerfile.v0: failed to read dockerfile: open "
        "/var/lib/docker/tmp/buildkit-mount512874372/Dockerfile: no such file or directory",
        "https://github.com/moby/buildkit/blob/v0.8.3/frontend/dockerfile/builder/build.go",
        " Dockerfile",
    ),
    _quoted(
        "client_too_old",
        "quoted-engine-29",
        "client version 1.41 is too old. Minimum supported API version is 1.44, please upgrade your client to a "
        "newer version",
        _VERSION,
        "1.41",
        "1.44",
    ),
    _quoted(
        "oom_killed",
        "quoted-cgroup-2",
        'ResourceExhausted: process "/bin/sh -c bun run build" did not complete successfully: cannot allocate memory',
        "https://github.com/simstudioai/sim/issues/1360",
        "bun run build",
    ),
    _quoted(
        "base_not_found",
        "quoted-platform",
        "image with reference docker.io/postgis/postgis:16-3.4 was found but does not match the specified platform: "
        "wanted linux/arm64, actual: linux/amd64",
        "https://github.com/moby/moby/blob/v20.10.24/daemon/images/image.go",
        "linux/arm64",
        tail=("Step 1/2 : FROM docker.io/postgis/postgis:16-3.4",),
    ),
    _quoted(
        "tls_untrusted",
        "quoted-expired",
        'Get "https://registry.example.com/v2/": x509: certificate has expired or is not yet valid: current time '
        "2026-01-02T03:04:05Z is after 2026-01-01T00:00:00Z",
        "https://github.com/golang/go/blob/master/src/crypto/x509/verify.go",
        "registry.example.com",
    ),
    _quoted(
        "git_auth_failed",
        "quoted-ssh",
        "git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.",
        _GITHUB,
        "github.com",
        code=128,
    ),
    _quoted(
        "git_auth_failed",
        "quoted-host-key",
        "Host key verification failed.\nfatal: Could not read from remote repository.",
        "https://github.com/openssh/openssh-portable/blob/master/sshconnect.c",
        code=128,
    ),
    _quoted(
        "git_auth_failed",
        "quoted-github-api",
        '401 {"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest", "status": "401"}',
        "https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api",
    ),
    _quoted(
        "ref_unknown",
        "quoted-github-api",
        '422 {"message": "No commit found for SHA: feture-login", '
        '"documentation_url": "https://docs.github.com/rest/commits/commits#get-a-commit", "status": "422"}',
        "https://docs.github.com/en/rest/commits/commits#get-a-commit",
        "feture-login",
    ),
    _quoted(
        "repo_unknown",
        "quoted-github-ssh",
        "ERROR: Repository not found.\nfatal: Could not read from remote repository.",
        "https://docs.github.com/en/repositories/creating-and-managing-repositories/troubleshooting-cloning-errors",
        code=128,
    ),
    _quoted(
        "local_tag_missing",
        "quoted-containerd",
        "tag does not exist: localhost:5000/shop:1",
        "https://github.com/moby/moby/blob/master/distribution/push_v2.go",
        "localhost:5000/shop:1",
        retry=True,
        phase=Phase.PUSH,
    ),
]
"""Written by `provoke` beside what was provoked."""
