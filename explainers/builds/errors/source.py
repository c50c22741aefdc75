"""Git and code hosts: repositories, refs and logins that are not there."""

from collections.abc import Mapping

from explainers.builds.errors.model import Kind, Sign
from explainers.builds.errors.output import Output, short
from explainers.patterns import pattern

AUTH = Kind(
    "git_auth_failed",
    "The code host wants a login that may read this repository. None was sent, its token or key is wrong or "
    "expired, or "
    "it is not allowed to see the repository.",
    "Connect the code host again with /connect, with a token that may read this repository.",
    "https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/managing-your-personal-access-tokens",
)
REF = Kind(
    "ref_unknown",
    "A build begins with one commit, found by a branch, tag, pull request or commit. The repository has nothing of "
    "that "
    "name: misspelt, deleted, or not pushed yet.",
    "Check the spelling (git ls-remote --heads lists the branches), push the branch, and ask again.",
    "https://git-scm.com/docs/gitrevisions",
)
REPOSITORY = Kind(
    "repo_unknown",
    "The code host has no repository of that name that this login may see. It was renamed, moved, is misspelt, or is "
    "private: a host then answers as if it did not exist.",
    "Correct the repository in the binding (/bind); for a private one connect a login that may read it.",
    "https://docs.github.com/en/repositories/creating-and-managing-repositories/troubleshooting-cloning-errors",
)


def _one(*names: str) -> "_Pick":
    return _Pick(names)


class _Pick:
    """The first group that was found, as `name`; a commit in its first seven digits."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names

    def __call__(self, _output: Output, groups: Mapping[str, str]) -> Mapping[str, str]:
        name = next((groups[key] for key in self.names if groups.get(key)), "")
        digits = len(name) == 40 and all(letter in "0123456789abcdef" for letter in name)
        return {"name": name[:7] if digits else short(name, 80)}


SIGNS = (
    Sign(
        AUTH,
        pattern(r"could not read (?:Username|Password) for '(?P<host>[^']+)'"),
        "{host} wants a login to read this repository, and none is set.",
    ),
    Sign(AUTH, pattern(r"Authentication failed for '(?P<host>[^']+)'"), "{host} does not accept the login."),
    Sign(
        AUTH,
        pattern(r"unable to access '(?P<host>[^']+)': The requested URL returned error: (?P<status>40[13])"),
        "{host} refuses access ({status}).",
    ),
    Sign(
        AUTH,
        pattern(r"(?<!\S)(?P<host>\S+): Permission denied \((?P<how>publickey[^)]*)\)"),
        "{host} does not accept the SSH key.",
    ),
    Sign(
        AUTH,
        pattern(r"Host key verification failed"),
        "The code host shows an SSH key that is not known here, so nothing was sent to it.",
        "Add the host's published key to known_hosts, after comparing it; then try again.",
    ),
    Sign(
        AUTH,
        pattern(
            r"(?i)\bBad credentials\b|Resource not accessible by (?:integration|personal access token)"
            r"|Must have admin rights"
        ),
        "The code host does not accept the login: its token is wrong, expired, or not allowed to do this.",
    ),
    Sign(
        REF,
        pattern(
            r"couldn't find remote ref (?P<fetched>\S+)|Remote branch (?P<branch>\S+) not found in upstream"
            r"|pathspec '(?P<path>[^']+)' did not match any|not our ref (?P<commit>\S+)"
            r"|not a valid object name:? '?(?P<object>[^\s']+)|not a tree object: (?P<tree>\S+)|bad object (?P<bad>\S+)"
            r"|ambiguous argument '(?P<argument>[^']+)': unknown revision|bad revision '(?P<revision>[^']+)'"
            r"|short (?:SHA1|object ID) (?P<prefix>\S+) is ambiguous|unknown revision or path '?(?P<other>[^\s']+)"
            r"|reference is not a tree: (?P<detached>\S+)|No commit found for (?:SHA|the ref): (?P<sha>[^\s\"]+)"
            r"|has no (?:branch|ref|tag|commit)\b(?: or (?:branch|ref|tag|commit))* (?P<nearest>[^\s;,]+)"
        ),
        "The repository has no branch, tag or commit {name}.",
        names=_one(
            "fetched",
            "branch",
            "path",
            "commit",
            "object",
            "tree",
            "bad",
            "argument",
            "revision",
            "prefix",
            "other",
            "detached",
            "sha",
            "nearest",
        ),
    ),
    Sign(REF, pattern(r"Needed a single revision"), "The repository has no such branch, tag or commit."),
    Sign(
        REPOSITORY,
        pattern(
            r"'(?P<quoted>[^']+)' does not appear to be a git repository|repository '(?P<named>[^']+)' (?:not found"
            r"|does not exist)"
            r"|(?P<missing>Repository) not found|Could not resolve to a Repository with the name '(?P<resolved>[^']+)'"
        ),
        "{name} is no repository that can be read.",
        names=lambda output, groups: (
            _one("quoted", "named", "resolved")(output, groups)
            if not groups["missing"]
            else {"name": "What the binding names"}
        ),
    ),
    Sign(
        REPOSITORY,
        pattern(r"not a git repository(?: \(or any of the parent directories\): \S+|: '?(?P<path>[^'\s]+))"),
        "{name} is no git repository.",
        names=lambda _output, groups: {"name": groups["path"] or "The folder that git was started in"},
    ),
)
