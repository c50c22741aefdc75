"""The keys of catalog entries, once: the reader, the JSON Schema for editors and the hints of lint come from here."""

import re
from dataclasses import dataclass
from enum import Enum

from explainers.catalog.model import (
    ExistingService,
    ExternalURL,
    FromCatalog,
    FromSecret,
    FromVault,
    Generated,
    HelmChart,
    NewObjects,
    NoCredential,
)

TEMPLATED = r".*\{\{.*\}\}.*"
"""A value with a template in it: what it gives is checked when it is made."""


class Shape(Enum):
    """What a value is."""

    TEXT = "a text"
    TEXTS = "a list of texts"
    COUNT = "a whole number"
    FLAG = "true or false"
    MAPPING = "a mapping"
    DAYS = "a number of days"


@dataclass(frozen=True)
class Form:
    """What a text must look like, and how that is said: `said` ends the sentence "This must be …"."""

    pattern: str
    said: str
    example: str = ""

    def fits(self, text: str) -> bool:
        return re.fullmatch(self.pattern, text, re.ASCII) is not None


NAME = Form(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", "small letters, digits and hyphens, at most 63", "orders-db")
TEAM, VERSION = (Form(NAME.pattern, NAME.said, example) for example in ("orders", "1"))
OBJECT_NAME = Form(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", "the name of an object", "orders-db")
NAMESPACE = NAME
NAMESPACE_TEMPLATE = Form(rf"{NAME.pattern}|{TEMPLATED}", "a namespace, or a template that gives one", "orders")
NAME_TEMPLATE = Form(rf"{NAME.pattern}|{TEMPLATED}", "a Service's name, or a template", "{{ instance.name }}")
CONSUMER = Form(rf"\*|{NAME.pattern}", "a namespace, or * for all", "shop")
TEAM_ID = Form(r"\*|[TE][A-Z0-9]{2,20}", "the id of a Slack workspace, or * for all", "T0123ABCD")
USER_ID = Form(r"\*|[UW][A-Z0-9]{2,20}", "the id of a Slack user, or * for all", "U0123ABCD")
OWNER_ID = Form(r"[UW][A-Z0-9]{2,20}", "the id of a Slack user", "U0123ABCD")
PLAN_ID = Form(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", "an id without spaces", "7b1c6c6f-0a11-4a9e-8f52-3b0c6f0d4f3e")
WORDS = Form(r"[^\x00-\x1f\x7f]{1,300}", "one line of at most 300 characters")
LONG_WORDS = Form(r"[^\x00-\x08\x0b-\x1f\x7f]{1,2000}", "at most 2,000 characters")
VALUE = Form(r"[\s\S]{1,4096}", "a text of at most 4,096 characters")
URL = Form(r"[^\s\x00-\x1f\x7f]{1,2000}", "a URL without spaces", "https://payments.example.com")
WEB_URL = Form(
    r"https?://[^\s\x00-\x1f\x7f]{1,2000}", "a URL that starts with http:// or https://", "https://vault:8200"
)
CHART_URL = Form(
    r"(https?|oci)://[^\s\x00-\x1f\x7f]{1,2000}", "an http(s):// or oci:// URL", "https://charts.example.com"
)
CHART = Form(
    r"[A-Za-z0-9./][^\s\x00-\x1f\x7f]{0,2000}", "a chart's URL, oci:// reference, path or name", "oci://registry/pg"
)
CHART_VERSION = Form(r"[0-9A-Za-z^~><=*.][0-9A-Za-z^~><=*.,|+ -]{0,60}", "a version", "1.2.3")
SCHEME = Form(r"[a-z][a-z0-9+.-]{0,30}", "a URL scheme", "postgresql")
SELECTOR = Form(r"[^\x00-\x1f\x7f]{1,500}", "a label selector", "mesitis/offering=orders-db")
TYPE = Form(r"[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?", "a type of servicebinding.io", "postgresql")
VAULT_ROLE = Form(r"[A-Za-z0-9_.-]{1,100}(/[A-Za-z0-9_.-]{1,100}){0,5}", "a role, or mount/role", "kubernetes/orders")
VAULT_PATH = Form(r"[A-Za-z0-9_.-]{1,200}(/[A-Za-z0-9_.-]{1,200}){1,20}", "mount/path", "secret/data/orders-db")
SEMVER = Form(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?",
    "a semantic version",
    "16.4.0",
)
LIFETIME = Form(r"[1-9][0-9]{0,3}[dw]", "days or weeks", "30d")
GROUP = Form(r"[^\s\x00-\x1f\x7f]{1,200}", "the name of a Kubernetes group", "team-orders")


@dataclass(frozen=True)
class Key:
    """One key: its name as it is written, its place in the model (`field`), what it means (`doc`).

    `forms` holds for the text, or for each text of a list. `also` are other names for the same. `number` lets a text
    be written as a number. `most` bounds a count, or the length of a list.
    """

    name: str
    field: str
    doc: str
    shape: Shape = Shape.TEXT
    form: Form = WORDS
    needed: bool = False
    also: tuple[str, ...] = ()
    number: bool = False
    least: int = 1
    most: int = 500

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.also)


@dataclass(frozen=True)
class Block:
    """A kind of provision or credential: the data it takes and the class that it becomes."""

    name: str
    makes: type
    doc: str
    keys: tuple[Key, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.also)


_PORT = Key("port", "port", "The port to call.", Shape.COUNT, most=65535)
_SCHEME = Key("scheme", "scheme", "The scheme of its URL.", form=SCHEME)
_PLACE = Key("namespace", "namespace", "Where it is made; may be a template.", form=NAMESPACE_TEMPLATE, needed=True)
_CALLED = Key("name", "name", "The Service that consumers call; may be a template.", form=NAME_TEMPLATE, needed=True)

PROVISIONS = (
    Block(
        "ProvisionExistingClusterService",
        ExistingService,
        "A Service that runs already.",
        (
            Key("namespace", "namespace", "The Service's namespace.", form=NAMESPACE, needed=True),
            Key("name", "name", "The Service's name.", form=NAME, needed=True),
            _PORT,
            _SCHEME,
        ),
    ),
    Block(
        "ProvisionNonClusterURL",
        ExternalURL,
        "Something outside of the cluster.",
        (Key("url", "url", "Handed on as it is.", form=URL, needed=True),),
    ),
    Block(
        "ProvisionNewClusterObjects",
        NewObjects,
        "Objects made for each instance, from ConfigMaps beside the entry.",
        (
            _PLACE,
            _CALLED,
            Key("labelselector", "selector", "Finds the ConfigMaps.", form=SELECTOR, needed=True),
            _PORT,
            _SCHEME,
        ),
        ("ProvisionConfigMapObjects",),
    ),
    Block(
        "ProvisionHelmChart",
        HelmChart,
        "A chart, installed as a release of its own for each instance.",
        (
            Key("namespace", "namespace", "Where it is installed; may be a template.", form=NAMESPACE_TEMPLATE),
            Key("name", "name", "The Service that consumers call; may be a template.", form=NAME_TEMPLATE),
            Key("charturl", "chart", "The chart.", form=CHART, needed=True, also=("url", "registryurl", "chart")),
            Key("repository", "repository", "The repository of a chart that is a name.", form=CHART_URL),
            Key("version", "version", "The chart's version.", form=CHART_VERSION, number=True),
            Key("values", "values", "Its values; may hold templates.", Shape.MAPPING),
            _PORT,
            _SCHEME,
        ),
    ),
)

CREDENTIALS = (
    Block(
        "CredentialFromClusterSecret",
        FromSecret,
        "The keys of a Secret in the broker's namespace.",
        (Key("secretname", "name", "The Secret's name.", form=OBJECT_NAME, needed=True),),
    ),
    Block(
        "CredentialFromCatalog",
        FromCatalog,
        "The same credential for everybody.",
        (
            Key("username", "username", "The user.", form=VALUE, needed=True),
            Key("password", "password", "The password.", form=VALUE, needed=True),
        ),
    ),
    Block(
        "CredentialFromVault",
        FromVault,
        "What Vault gives.",
        (
            Key("vaulturl", "url", "Where Vault is.", form=WEB_URL, needed=True),
            Key("vaultauth", "auth", "The role of the Kubernetes auth method.", form=VAULT_ROLE, needed=True),
            Key("vaultpath", "path", "What is read.", form=VAULT_PATH, needed=True),
        ),
    ),
    Block(
        "CredentialGenerated",
        Generated,
        "A password made for each instance.",
        (
            Key("username", "username", "The user.", form=VALUE),
            Key("length", "length", "The password's length.", Shape.COUNT, least=12, most=128),
        ),
    ),
    Block("CredentialNoCredential", NoCredential, "Nothing is needed to use the service."),
)

OWNERS = (
    Key("users", "users", "Slack user ids.", Shape.TEXTS, OWNER_ID),
    Key("groups", "groups", "Kubernetes groups of the policy.", Shape.TEXTS, GROUP),
)
MAINTENANCE = (
    Key("version", "version", "The version of what is provided.", form=SEMVER, needed=True),
    Key("description", "description", "What it brings.", form=LONG_WORDS),
)
ENTRY = (
    Key("team", "team", "The team that offers.", form=TEAM, needed=True),
    Key("offering", "offering", "What it offers.", form=NAME, needed=True),
    Key("version", "version", "Tells the plans of an offering apart.", form=VERSION, needed=True, number=True),
    Key("uuid", "uuid", "The plan's id; never changed.", form=PLAN_ID, needed=True, number=True),
    Key("description", "description", "What it is, for people.", form=LONG_WORDS),
    Key("whitelist", "namespaces", "The namespaces that may use it; * for all.", Shape.TEXTS, CONSUMER),
    Key("slackteams", "teams", "The Slack workspaces whose people may request it.", Shape.TEXTS, TEAM_ID),
    Key("slackusers", "users", "The Slack users that may request it.", Shape.TEXTS, USER_ID),
    Key("owners", "owners", "The people of the team that offers.", Shape.MAPPING),
    Key("approval", "approval", "Whether an owner must agree to each request.", Shape.FLAG),
    Key("lifetime", "days", "How long an instance lives unless it is extended.", Shape.DAYS, LIFETIME),
    Key("parameters", "schema", "The JSON Schema (draft-04) of the parameters.", Shape.MAPPING),
    Key("maintenance", "maintenance", "What is provided, and what it brings.", Shape.MAPPING),
    Key("type", "type", "The type of servicebinding.io.", form=TYPE),
)
NESTED = {"owners": OWNERS, "maintenance": MAINTENANCE}
KIND_KEYS = ("provisionkind", "provisiondata", "credentialkind", "credentialdata")

LABEL_PREFIXES = ("mesitis/", "tessera/", "tessera.dev/")
ENTRY_KIND = "catalog-entry"
ENTRY_DATA = ("wrapped-resource", "entry")
OBJECT_DATA = ("wrapped-resource", "embedded-resource")
