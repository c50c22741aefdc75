"""The engine itself: out of reach, too old or too new a client, no room on its disk."""

from collections.abc import Mapping

from explainers.builds.errors.model import Kind, Sign
from explainers.builds.errors.output import Output, short
from explainers.patterns import pattern

UNREACHABLE = Kind(
    "daemon_unreachable",
    "Builds run in a Docker Engine or buildkitd, reached by a socket or an address, and it did not answer. It is not "
    "running, restarts, or its address or certificates are wrong.",
    "Check that the engine runs and its address (tessera doctor); then try again.",
    "https://docs.docker.com/engine/daemon/troubleshoot/",
    retry=True,
)
VERSION = Kind(
    "client_too_old",
    "Client and engine agree on a version of the engine's API, each within the range that it knows. These two have "
    "none "
    "in common.",
    "Update the older of the two, or let the API version be negotiated (unset DOCKER_API_VERSION).",
    "https://docs.docker.com/reference/api/engine/#versioned-api-and-sdk",
)
DISK = Kind(
    "disk_full",
    "Layers, caches and everything that a RUN writes lie on the disk of the engine, and it has no room left. Old "
    "images "
    "and build cache usually take most of it.",
    "Free the engine's disk (docker system prune, or buildctl prune), or enlarge its volume; then build again.",
    "https://docs.docker.com/engine/manage-resources/pruning/",
)
_TLS_ADVICE = "Use the address with TLS (tcp://HOST:2376) and the client certificates that belong to this engine."


_PLACES = (
    pattern(r"host='(?P<host>[^']+)', port=(?P<port>\d+)"),
    pattern(r"dial (?:unix|tcp) (?P<host>[^\s:]+)(?::(?P<port>\d+))?: "),
    pattern(r"lookup (?P<host>[\w.-]+)"),
)


def _where(output: Output, groups: Mapping[str, str]) -> Mapping[str, str]:
    """`engine`: with the address in the message, where there is one."""
    said = "\n".join(output.said)
    found = next(filter(None, (place.search(said) for place in _PLACES)), None)
    place = (
        f"{found['host']}:{found['port']}"
        if found and found.groupdict().get("port")
        else found["host"]
        if found
        else ""
    )
    address = groups.get("address") or place
    return {"engine": f"The build engine at {address}" if address else "The build engine", "address": address}


def _during(output: Output, groups: Mapping[str, str]) -> Mapping[str, str]:
    step = short(output.instruction)
    return {"step": f" at {step}" if step else f" during the {output.phase.value}", "path": groups.get("path") or ""}


SIGNS = (
    Sign(
        VERSION,
        pattern(r"speaks API (?P<version>[\d.]+), and builds need (?P<needed>[\d.]+) or newer"),
        "This engine speaks API {version}, and builds need at least {needed}.",
        "Update the engine.",
    ),
    Sign(
        VERSION,
        pattern(r"wants API (?P<needed>[\d.]+) or newer, and this \w+ speaks (?P<version>[\d.]*\d)"),
        "The client speaks API {version}, and this engine wants at least {needed}.",
    ),
    Sign(
        UNREACHABLE, pattern(r"^(?P<address>.{1,120}?) does not answer\b"), "{address} does not answer.", names=_where
    ),
    Sign(
        VERSION,
        pattern(r"client version (?P<version>[\d.]+) is too old\. Minimum supported API version is (?P<needed>[\d.]+)"),
        "The client speaks API {version}, and this engine wants at least {needed}.",
    ),
    Sign(
        VERSION,
        pattern(r"client version (?P<version>[\d.]+) is too new\. Maximum supported API version is (?P<needed>[\d.]+)"),
        "The client speaks API {version}, and this engine knows at most {needed}.",
        "Update the engine, or let the API version be negotiated (unset DOCKER_API_VERSION).",
    ),
    Sign(
        VERSION,
        pattern(
            r"(?:API versions? below|server API version) (?P<version>[\d.]+)[^.]*(?:not supported"
            r"|no longer supported|too (?:old|low))"
        ),
        "Client and engine have no API version in common (around {version}).",
    ),
    Sign(
        DISK,
        pattern(
            r"(?i)(?:(?:write|mkdir|open|copy_file_range|sync|symlink|link"
            r"|chown) (?P<path>/\S+?)?: ?)?(?:no space left on device|disk quota exceeded|ENOSPC)"
        ),
        "The disk of the build engine is full{step}.",
        names=_during,
    ),
    Sign(
        UNREACHABLE,
        pattern(r"(?i)Cannot connect to the Docker daemon at (?P<address>\S+?)\. |failed to dial "),
        "{engine} does not answer.",
        names=_where,
    ),
    Sign(
        UNREACHABLE,
        pattern(r"(?i)Client sent an HTTP request to an HTTPS server|malformed HTTP response"),
        "The build engine speaks TLS where plain HTTP was used, or the other way round.",
        _TLS_ADVICE,
        retry=False,
    ),
    Sign(
        UNREACHABLE,
        pattern(r"error reading preface from server|authentication handshake failed: (?P<why>.+)"),
        "The build engine and its client do not agree on TLS.",
        _TLS_ADVICE,
        retry=False,
    ),
    Sign(
        UNREACHABLE,
        pattern(
            r"dial (?:unix|tcp) (?P<address>[^\s:]+(?::\d+)?): connect: (?:no such file or directory|permission denied)"
        ),
        "{engine} does not answer.",
        names=_where,
    ),
    Sign(
        UNREACHABLE,
        pattern(
            r"(?:transport|connection error): .*(?:Error while dialing|dial).*?(?:dial )?(?:unix|tcp) "
            r"|connection error: desc = |listing workers for Build|failed to list workers|code = Unavailable"
            r"|error reading from server: (?:EOF|.*)|closing transport|transport is closing"
        ),
        "{engine} does not answer.",
        names=_where,
    ),
    Sign(
        UNREACHABLE,
        pattern(r"(?i)(?:error while fetching server API version|error during connect|ConnectionPool\(host=)"),
        "{engine} does not answer.",
        names=_where,
    ),
    Sign(
        UNREACHABLE,
        pattern(r"^(?P<address>.{1,120}?) (?:no longer answers|broke off the \w+)"),
        "{address} stopped answering in the middle of the work.",
        names=_where,
    ),
    Sign(
        UNREACHABLE,
        pattern(
            r"Connection aborted|IncompleteRead|Connection broken: |RemoteDisconnected|Response ended prematurely"
            r"|InvalidChunkLength"
        ),
        "The build engine broke off the connection in the middle of the work.",
        names=_where,
    ),
)
