"""Base images that cannot be had and pushes that a registry refuses.

What the registry says is quoted by the clients; codes and words are those of
https://distribution.github.io/distribution/spec/api/#errors and of the providers' documentation.
"""

from explainers.builds.errors.model import Kind, Sign
from explainers.builds.errors.names import known, pushing
from explainers.builds.errors.output import Output
from explainers.patterns import pattern

_PUSH = "https://docs.docker.com/reference/cli/docker/image/push/"
_LOGIN = "https://docs.docker.com/reference/cli/docker/login/"

BASE_NOT_FOUND = Kind(
    "base_not_found",
    "The registry was reached and has no image of that name, tag and platform. Tags are removed or misspelt, and some "
    "images exist for one processor architecture only.",
    "Correct the name in the FROM line to a tag that the registry has; check its platforms with docker manifest "
    "inspect.",
    "https://docs.docker.com/reference/dockerfile/#from",
)
BASE_DENIED = Kind(
    "base_auth_denied",
    "The registry does not give this image without a login that may read it. A public registry answers the same for a "
    "name that does not exist, so that nobody learns which private images there are.",
    "Check the name in the FROM line; for a private image connect its registry with /connect.",
    _LOGIN,
)
UNAUTHORIZED = Kind(
    "push_unauthorized",
    "A push needs a login that the registry accepts. None was sent, or its password or token is wrong or has expired.",
    "Connect the registry again with /connect, with a user or token that is valid now; then build again.",
    _LOGIN,
)
DENIED = Kind(
    "push_denied",
    "The registry knows who asks and does not allow this push. The login lacks the right to write, or the repository "
    "does not exist there and is not made by pushing.",
    "Create the repository in the registry or give the login the right to push to it, and check the name in the "
    "binding.",
    _PUSH,
)
TAG_MISSING = Kind(
    "local_tag_missing",
    "A push sends an image that the engine has under exactly that name and tag. The engine has none: it was not built "
    "there, was named otherwise, or was removed meanwhile.",
    "Build again; on an engine that several share, keep its clean-up from removing images that were just built.",
    _PUSH,
    retry=True,
)


def _pulling(output: Output) -> bool:
    return not pushing(output)


_ECR = "Create the repository {repository} in the registry (it is not made by pushing), or correct it in the binding."
_IMMUTABLE = "Push under another tag, such as one with the commit, or allow tags to be overwritten in the registry."
_PLATFORM = "Choose a base image that exists for this platform, or build on an engine of the image's platform."

SIGNS = (
    Sign(
        TAG_MISSING,
        pattern(r"An image does not exist locally with the tag: (?P<local>\S+)|tag does not exist: (?P<tag>\S+)"),
        "The engine has no image {name} to push.",
        names=lambda _output, groups: {"name": groups["local"] or groups["tag"]},
    ),
    Sign(
        BASE_NOT_FOUND,
        pattern(
            r"no matching manifest for (?P<platform>[\w/.-]+)|no match for platform in manifest"
            r"|does not match the specified platform: wanted (?P<wanted>[\w/]+)"
        ),
        "{image} exists, but not for the platform {on}.",
        _PLATFORM,
        names=lambda output, groups: {
            **known(output, groups),
            "on": groups["platform"] or groups["wanted"] or "of the engine",
        },
    ),
    Sign(
        UNAUTHORIZED,
        pattern(
            r"(?i)authorization token has expired|token (?:has |is )?expired|cannot be authenticated with the token"
            r"|Unauthenticated request"
        ),
        "{host} does not accept the login for the push of {image}.",
        names=known,
        when=pushing,
    ),
    Sign(
        DENIED,
        pattern(r"(?i)tag .*already exists in|repository is immutable|tag (?:is )?immutable"),
        "{host} does not let the tag of {image} be overwritten.",
        _IMMUTABLE,
        names=known,
        when=pushing,
        explanation="The registry was set so that a tag once pushed stays what it is. This tag is already there.",
    ),
    Sign(
        DENIED,
        pattern(r"(?i)name unknown|NAME_UNKNOWN|repository (?:with name )?\S+ (?:does not exist|not found)"),
        "{host} has no repository for {image}.",
        _ECR,
        names=known,
        when=pushing,
    ),
    Sign(
        DENIED,
        pattern(
            r"(?i)insufficient[_ ]scope|unauthorized to access repository|permission_denied|access forbidden"
            r"|requested access to the resource is denied|not authorized to perform"
            r"|access to the requested resource is not authorized"
            r"|Permission \"[^\"]+\" denied"
        ),
        "{host} does not allow the push of {image}.",
        names=known,
        when=pushing,
    ),
    Sign(
        UNAUTHORIZED,
        pattern(
            r"(?i)no basic auth credentials|\b401 Unauthorized|unauthorized|authentication required"
            r"|incorrect username or password"
        ),
        "{host} wants a valid login for the push of {image}.",
        names=known,
        when=pushing,
    ),
    Sign(
        DENIED,
        pattern(r"(?i)^denied\b|: denied\b|\b403 Forbidden|forbidden"),
        "{host} does not allow the push of {image}.",
        names=known,
        when=pushing,
    ),
    Sign(
        BASE_DENIED,
        pattern(r"(?i)pull access denied|insufficient_scope"),
        "{image} cannot be pulled: it is private, or there is no image of that name.",
        names=known,
        when=_pulling,
    ),
    Sign(
        BASE_DENIED,
        pattern(
            r"(?i)no basic auth credentials|\b401 Unauthorized|unauthorized: |authentication required"
            r"|incorrect username or password"
        ),
        "{host} wants a valid login for the base image {image}.",
        names=known,
        when=_pulling,
    ),
    Sign(
        BASE_DENIED,
        pattern(r"(?i)\b403 Forbidden|^denied: |: denied: "),
        "{host} does not give the base image {image} to this login.",
        names=known,
        when=_pulling,
    ),
    Sign(
        BASE_NOT_FOUND,
        pattern(
            r"manifest for \S+ not found|manifest unknown|failed to resolve source metadata for .*: not found"
            r"|repository name not known|name unknown|No such image|invalid from flag value \S+: .*not found"
        ),
        "{host} has no image {image}.",
        names=known,
        when=_pulling,
    ),
)
