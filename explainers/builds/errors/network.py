"""Hosts that are not found, not trusted, busy, or reached through something that gives up."""

from explainers.builds.errors.model import Kind, Sign
from explainers.builds.errors.names import known
from explainers.patterns import pattern

_REGISTRY = "https://docs.docker.com/reference/cli/dockerd/#insecure-registries"

DNS = Kind(
    "dns_failure",
    "The engine asks its own name servers for the address of a host, and they know none. The name is misspelt, exists "
    "only inside another network, or the name server was out of reach.",
    "Check the spelling of the host, and that the machine of the engine resolves it (nslookup there); then try again.",
    "https://docs.docker.com/engine/network/#dns-services",
    retry=True,
)
REFUSED = Kind(
    "registry_refused",
    "The machine answers, but nothing listens on that port, or a firewall rejects it. The server is down or "
    "restarting, "
    "or listens on another port.",
    "Check host and port, and that the server runs; then try again.",
    "https://distribution.github.io/distribution/about/deploying/",
    retry=True,
)
RATE = Kind(
    "rate_limited",
    "The server limits how often one address or login may ask, and the limit is used up. Docker Hub counts pulls "
    "without "
    "a login by address, and a whole cluster often shares one.",
    "Wait and try again; connect a login for the registry with /connect, or use a mirror, to have more.",
    "https://docs.docker.com/docker-hub/usage/pulls/",
    retry=True,
)
TLS = Kind(
    "tls_untrusted",
    "The connection is to be encrypted, and the certificate of the server is not one that the engine trusts, or the "
    "server speaks plain HTTP. The engine then sends nothing.",
    "Install the registry's CA at the engine (/etc/docker/certs.d/HOST/ca.crt), or correct the host name; a registry "
    "without TLS must be listed as insecure at the engine.",
    "https://docs.docker.com/engine/security/certificates/",
)
PROXY = Kind(
    "proxy_limit_or_timeout",
    "Something between the engine and the server, often a proxy or an ingress, or the server itself gave up. Layers "
    "are "
    "large: limits for body size and time that suit web pages are too small for them.",
    "Try again; if it stays, look at the log of the server and the limits of the proxy before it.",
    "https://distribution.github.io/distribution/recipes/nginx/",
    retry=True,
)
DISAGREES = Kind(
    "registry_disagrees",
    "After a push the registry is asked what it has under the tag, and it is not the image that was pushed. Somebody "
    "pushed to the same tag at the same moment, or something else answers in the registry's place. It could be any "
    "image, so it is not rolled out.",
    "Build again; if it stays, see whether a proxy or mirror answers for the registry, and who else pushes to the tag.",
    "https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests",
    retry=True,
)
_LARGE = "Raise the body limit of the proxy before the registry (nginx: client_max_body_size 0; ingress-nginx: "
_LARGE += 'annotation proxy-body-size: "0"), or make the layers smaller.'
_PLAIN = "Give the registry a certificate, or list {host} as insecure at the engine (insecure-registries; buildkitd: "
_PLAIN += "http = true for it) if its network may be trusted."

SIGNS = (
    Sign(
        DISAGREES,
        pattern(
            r"^the registry has (?:(?P<none>nothing)|(?P<stored>sha256:[0-9a-f]{12})[0-9a-f]*) under (?P<image>\S+), "
            r"but (?P<pushed>sha256:[0-9a-f]{12})[0-9a-f]* was pushed"
        ),
        "The registry has {what} under {image}, though {pushed} was pushed.",
        names=lambda _output, groups: {"what": groups["stored"] or "nothing"},
    ),
    Sign(
        RATE,
        pattern(
            r"(?i)toomanyrequests|too many requests|\bHTTP 429\b|\berror: 429\b|rate limit (?:exceeded|is exceeded)"
            r"|pull rate limit|Rate exceeded"
        ),
        "{host} has had too many requests and refuses more{for}.",
        names=known,
    ),
    Sign(
        TLS,
        pattern(
            r"(?i)server gave HTTP response to HTTPS client|first record does not look like a TLS handshake"
            r"|wrong version number"
        ),
        "{host} answers in plain HTTP where TLS is expected{for}.",
        _PLAIN.replace("{for}", ""),
        names=known,
    ),
    Sign(
        TLS,
        pattern(
            r"(?i)x509: (?:certificate has expired (?:or is not yet valid)?|certificate is not yet valid)"
            r"|certificate has expired"
        ),
        "The certificate of {host} has expired{for}.",
        "Renew the certificate of {host}, and check the engine's clock.",
        names=known,
    ),
    Sign(
        TLS,
        pattern(
            r"(?i)x509: (?P<why>certificate signed by unknown authority|certificate is valid for [^\"]*"
            r"|cannot validate certificate[^\"]*"
            r"|[^\"]+)"
        ),
        "The certificate of {host} is not trusted{for}: {why}.",
        names=known,
    ),
    Sign(
        TLS,
        pattern(
            r"(?i)certificate verif(?:y|ication) failed|SSL certificate problem: (?P<why>.+)|self[- ]signed certificate"
        ),
        "The certificate of {host} is not trusted{for}.",
        names=known,
    ),
    Sign(
        DNS,
        pattern(
            r"(?:no such host|server misbehaving|Could not resolve host(?:name)?:? ?(?P<host>[\w.-]*)"
            r"|Temporary failure in name resolution|Name or service not known|(?:lookup \S+).*i/o timeout)"
        ),
        "The name {host} cannot be resolved{for}.",
        names=known,
    ),
    Sign(
        REFUSED,
        pattern(r"(?i)connection refused|Couldn't connect to server"),
        "{host} refuses connections{for}.",
        names=known,
    ),
    Sign(
        REFUSED,
        pattern(r"(?i)network is unreachable|no route to host"),
        "{host} cannot be reached{for}: no route leads there.",
        "Check the network of the engine's machine: address, routes, firewall; then try again.",
        "The machine of the engine has no way to that address: a route is missing or a firewall rejects it. The server "
        "itself was not asked.",
        names=known,
    ),
    Sign(
        PROXY,
        pattern(r"(?i)\b413 |request entity too large|content too large"),
        "A proxy before {host} refuses a layer as too large{for}.",
        _LARGE,
        names=known,
        retry=False,
    ),
    Sign(
        PROXY,
        pattern(r"(?i)blob upload (?:unknown|invalid)|BLOB_UPLOAD_(?:UNKNOWN|INVALID)"),
        "{host} lost an upload in the middle{for}.",
        "Try again; if it stays, let all replicas of the registry share storage and secret (http.secret), and let the "
        "proxy send one client to one replica.",
        names=known,
    ),
    Sign(
        PROXY,
        pattern(
            r"\b(?P<status>50[0234]) (?P<text>Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out)"
            r"|returned error: (?P<git>50\d)|HTTP (?P<http>50\d)"
        ),
        "{host} answered {said}{for}.",
        names=lambda output, groups: {
            **known(output, groups),
            "said": f"{groups['status']} {groups['text']}".strip() or groups["git"] or groups["http"],
        },
    ),
    Sign(
        PROXY,
        pattern(r"failed to push \S+: unknown(?:: unknown error)?$|^unknown(?:: unknown error)?$"),
        "{host} failed without saying why{for}.",
        "Look at the log of the registry, and try again.",
        names=known,
    ),
    Sign(
        PROXY,
        pattern(
            r"(?i)connection reset by peer|broken pipe|\bunexpected EOF\b|: EOF$|^EOF$|Empty reply from server"
            r"|Recv failure|use of closed network connection|remote end hung up unexpectedly|early EOF|RPC failed"
        ),
        "The connection to {host} broke off{for}.",
        names=known,
    ),
    Sign(
        PROXY,
        pattern(r"(?i)TLS handshake timeout|i/o timeout|context deadline exceeded|Client\.Timeout exceeded|timed out"),
        "{host} did not answer in time{for}.",
        names=known,
    ),
)
