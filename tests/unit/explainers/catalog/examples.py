"""Entries of every kind and form, as teams write them, and the ConfigMaps around them."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from explainers.catalog.model import (
    Credential,
    ExistingService,
    ExternalURL,
    FromCatalog,
    FromSecret,
    FromVault,
    Generated,
    HelmChart,
    NewObjects,
    NoCredential,
    Provision,
)

Json = dict[str, Any]
CHART = "https://charts.example.com/time-service-0.1.0.tgz"
PROVISIONS: list[tuple[str, Json, Provision]] = [
    ("ProvisionExistingClusterService", {"namespace": "shop", "name": "pg"}, ExistingService("shop", "pg")),
    (
        "ProvisionExistingClusterService",
        {"namespace": "shop", "name": "pg", "port": 5432, "scheme": "postgresql"},
        ExistingService("shop", "pg", 5432, "postgresql"),
    ),
    ("ProvisionNonClusterURL", {"url": "http://example.com/x?y=z"}, ExternalURL("http://example.com/x?y=z")),
    (
        "ProvisionNewClusterObjects",
        {"namespace": "made", "name": "{{ instance.name }}", "labelSelector": "mesitis/offering=db"},
        NewObjects("made", "{{ instance.name }}", "mesitis/offering=db"),
    ),
    (
        "ProvisionConfigMapObjects",
        {"namespace": "made", "name": "db", "labelSelector": "mesitis/offering=db", "port": 1},
        NewObjects("made", "db", "mesitis/offering=db", 1),
    ),
    ("ProvisionHelmChart", {"registryurl": CHART}, HelmChart("", "", CHART)),
    ("ProvisionHelmChart", {"url": CHART}, HelmChart("", "", CHART)),
    (
        "ProvisionHelmChart",
        {
            "namespace": "made",
            "name": "pg",
            "charturl": "postgres",
            "repository": "https://charts.example.com",
            "version": "1.2.3",
            "values": {"replicas": 2},
        },
        HelmChart("made", "pg", "postgres", "https://charts.example.com", "1.2.3", {"replicas": 2}),
    ),
]
CREDENTIALS: list[tuple[str, Json, Credential]] = [
    ("CredentialFromClusterSecret", {"secretname": "pg-login"}, FromSecret("pg-login")),
    ("CredentialFromCatalog", {"username": "me", "password": "p w:/"}, FromCatalog("me", "p w:/")),
    (
        "CredentialFromVault",
        {"vaulturl": "https://vault:8200", "vaultauth": "kubernetes/shop", "vaultpath": "secret/data/pg"},
        FromVault("https://vault:8200", "kubernetes/shop", "secret/data/pg"),
    ),
    ("CredentialGenerated", {"username": "app", "length": 20}, Generated("app", 20)),
    ("CredentialGenerated", {}, Generated()),
    ("CredentialNoCredential", {}, NoCredential()),
]
BASE: Json = {
    "team": "api",
    "offering": "orders-db",
    "description": "A database",
    "uuid": "7b1c6c6f-0a11-4a9e-8f52-3b0c6f0d4f3e",
    "version": "1",
    "whitelist": ["shop"],
}


def form_a(provision: tuple[str, Json], credential: tuple[str, Json], **more: Any) -> Json:
    kinds = {"provisionkind": provision[0], "provisiondata": provision[1]}
    return {**BASE, **kinds, "credentialkind": credential[0], "credentialdata": credential[1], **more}


def form_b(provision: tuple[str, Json], credential: tuple[str, Json], **more: Any) -> Json:
    return {**BASE, provision[0]: provision[1], credential[0]: credential[1], **more}


FORMS = {"A": form_a, "B": form_b}
URL: tuple[str, Json] = ("ProvisionNonClusterURL", {"url": "http://example.com"})
NONE: tuple[str, Json] = ("CredentialNoCredential", {})


def plainly(**more: Any) -> Json:
    """An entry with nothing special about it."""
    return form_a(URL, NONE, **more)


def as_json(raw: Json) -> str:
    return json.dumps(raw, indent="\t")


def as_yaml(raw: Json) -> str:
    return str(yaml.safe_dump(raw, sort_keys=False))


WRITTEN = {"JSON": as_json, "YAML": as_yaml}
LETTERS: dict[str, Callable[[str], str]] = {
    "small": str.lower,
    "capital": str.upper,
    "title": str.title,
    "swapped": lambda key: "".join(c.upper() if at % 2 else c.lower() for at, c in enumerate(key)),
}


def respelled(raw: Json, letters: str) -> Json:
    """The entry with its own keys, and those of its blocks, in other letters; what `values` holds stays."""
    spell = LETTERS[letters]
    return {
        spell(key): {spell(each): item for each, item in value.items()} if isinstance(value, dict) else value
        for key, value in raw.items()
    }


def configmap(name: str, text: str, key: str = "wrapped-resource", **labels: str) -> Json:
    marks = {f"mesitis/{label}": value for label, value in labels.items()}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "broker", "labels": marks},
        "data": {key: text},
    }


def entry(name: str, raw: Mapping[str, Any] | str, key: str = "entry") -> Json:
    text = raw if isinstance(raw, str) else as_yaml(dict(raw))
    return configmap(name, text, key, kind="catalog-entry", enabled="true")


def wrapped(name: str, manifest: Mapping[str, Any] | str, order: str = "1", **labels: str) -> Json:
    text = manifest if isinstance(manifest, str) else as_yaml(dict(manifest))
    return configmap(name, text, **{"offering": "db", "enabled": "true", "order": order, **labels})
