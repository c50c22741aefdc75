"""References to ConfigMaps and Secrets, and the patch that points them elsewhere."""

from typing import Any

from explainers.diagnosis.views.references import Renaming, references

SPEC: dict[str, Any] = {
    "initContainers": [{"name": "setup", "envFrom": [{"secretRef": {"name": "login"}}]}],
    "containers": [
        {
            "name": "web",
            "env": [
                {"name": "A", "value": "1"},
                {"name": "B", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "b"}}},
                {"name": "C", "valueFrom": {"secretKeyRef": {"name": "login", "key": "c", "optional": True}}},
            ],
            "envFrom": [{"prefix": "X_", "configMapRef": {"name": "settings"}}, {"secretRef": {"name": "other"}}],
            "volumeMounts": [{"name": "one", "mountPath": "/one", "subPath": "file"}],
        }
    ],
    "volumes": [
        {"name": "one", "configMap": {"name": "settings"}},
        {"name": "two", "secret": {"secretName": "login", "items": [{"key": "k", "path": "p"}], "optional": None}},
        {"name": "mix", "projected": {"sources": [{"configMap": {"name": "settings"}}, {"serviceAccountToken": {}}]}},
        {"name": "none", "emptyDir": {}},
    ],
}


def test_every_kind_of_reference() -> None:
    found = [(one.kind, one.name, one.key, one.optional, one.fixed) for one in references(SPEC)]
    assert found == [
        ("Secret", "login", "", False, True),
        ("ConfigMap", "settings", "b", False, True),
        ("Secret", "login", "c", True, True),
        ("ConfigMap", "settings", "", False, True),
        ("Secret", "other", "", False, True),
        ("ConfigMap", "settings", "", False, True),
        ("Secret", "login", "k", False, False),
        ("ConfigMap", "settings", "", False, False),
    ]


def test_renaming_sends_only_what_changes_and_atomic_lists_whole() -> None:
    patch = Renaming("ConfigMap", "settings", "web-settings").patch(SPEC)
    assert patch == {
        "containers": [
            {
                "name": "web",
                "env": [{"name": "B", "valueFrom": {"configMapKeyRef": {"name": "web-settings", "key": "b"}}}],
                "envFrom": [
                    {"prefix": "X_", "configMapRef": {"name": "web-settings"}},
                    {"secretRef": {"name": "other"}},
                ],
            }
        ],
        "volumes": [
            {"name": "one", "configMap": {"name": "web-settings"}},
            {
                "name": "mix",
                "projected": {"sources": [{"configMap": {"name": "web-settings"}}, {"serviceAccountToken": {}}]},
            },
        ],
    }


def test_another_key_leaves_other_keys_alone() -> None:
    patch = Renaming("Secret", "login", "login", "k", "key").patch(SPEC)
    assert patch == {
        "volumes": [
            {"name": "two", "secret": {"secretName": "login", "items": [{"key": "key", "path": "p"}], "optional": None}}
        ]
    }


def test_nonsense_has_no_references() -> None:
    assert references({"containers": "x", "volumes": [None, {"configMap": [1]}]}) == []
