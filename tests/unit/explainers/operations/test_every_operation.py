"""What holds for every operation: a parity case, hashable, quotable, honest about changing and about its inverse."""

import importlib
import inspect
import pkgutil
import shlex
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import pytest

import explainers
from explainers import kinds
from explainers.kinds import Kind
from explainers.operations.base import Change, Json, Look, Operation
from tests.contract.parity_cases import CASES, Place


def concrete(kind: type[Operation] = Operation) -> Iterator[type[Operation]]:
    for child in kind.__subclasses__():
        if child.__module__.startswith("explainers."):
            if not inspect.isabstract(child):
                yield child
            yield from concrete(child)


def revisions(kind: Kind, name: str) -> Json:
    """Two revisions, as the controllers would have made them."""

    def one(number: int) -> Json:
        metadata = {"labels": {"app": name}, "annotations": {"deployment.kubernetes.io/revision": str(number)}}
        return {"metadata": metadata, "revision": number, "spec": {"template": {}}, "data": {"spec": {}}}

    return {"items": [one(1), one(2)]}


def read(kind: Kind, name: str) -> Json:
    """What a case finds in its place: the objects that it asks to be made."""
    if not name:
        return revisions(kind, "undo" if kind == kinds.REPLICA_SET else "undo-set")
    if kind == kinds.NODE:
        return {"metadata": {"name": name}, "spec": {"taints": [{"key": "parity", "effect": "PreferNoSchedule"}]}}
    found = (thing for case in CASES.values() for thing in case.before)
    return next(thing for thing in found if thing["kind"] == kind.name and thing["metadata"]["name"] == name)


OPERATIONS = {name: case.make(Place("shop", "node-1", read)) for name, case in CASES.items()}


def test_every_operation_has_a_parity_case() -> None:
    for module in pkgutil.walk_packages(explainers.__path__, "explainers."):
        importlib.import_module(module.name)
    proven = {type(operation) for operation in OPERATIONS.values()}
    missing = sorted(kind.__qualname__ for kind in set(concrete()) - proven)
    assert not missing, f"no parity case in tests/contract/parity_cases for {', '.join(missing)}"


@pytest.mark.parametrize("name", CASES)
def test_is_a_value_of_its_own(name: str) -> None:
    operation = OPERATIONS[name]
    assert is_dataclass(operation)
    assert operation == CASES[name].make(Place("shop", "node-1", read))
    assert hash(operation) == hash(CASES[name].make(Place("shop", "node-1", read)))
    assert all(field.name for field in fields(operation))


@pytest.mark.parametrize("name", CASES)
def test_the_line_is_the_argv(name: str) -> None:
    operation = OPERATIONS[name]
    first = operation.line().split(" <<'EOF'\n")[0]
    assert shlex.split(first) == operation.kubectl()
    assert operation.kubectl()[0] == "kubectl"
    assert bool(operation.stdin()) == (" <<'EOF'" in operation.line())


@pytest.mark.parametrize("name", CASES)
def test_python_lines_are_python(name: str) -> None:
    compile(OPERATIONS[name].python(), name, "exec")


@pytest.mark.parametrize("name", CASES)
def test_only_changes_change(name: str) -> None:
    operation = OPERATIONS[name]
    assert isinstance(operation, Change | Look)
    reads = operation.request().method == "GET" or operation.request().path.endswith(
        ("accessreviews", "selfsubjectreviews")
    )
    assert operation.changes is not reads


@pytest.mark.parametrize("name", CASES)
def test_an_inverse_is_taken_back_by_the_step(name: str) -> None:
    operation = OPERATIONS[name]
    inverse = operation.inverse() if isinstance(operation, Change) else None
    back = inverse.inverse() if inverse else None
    if back is not None:
        assert back.line() == operation.line()
