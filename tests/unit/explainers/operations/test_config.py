"""A Secret's values are in the request and nowhere else."""

import base64

import pytest

from explainers import kinds
from explainers.operations.apply import Apply, Create
from explainers.operations.config import CreateSecret
from explainers.plan import Step, plan

SECRET = "hunter2-§"


@pytest.mark.parametrize(
    "operation",
    [
        CreateSecret("shop", "pg", (("PASSWORD", SECRET),)),
        CreateSecret("shop", "pg", (("PASSWORD", f"{SECRET}\nsecond line"),)),
        CreateSecret("shop", "pg", ((".dockerconfigjson", SECRET),), "kubernetes.io/dockerconfigjson"),
    ],
)
def test_values_are_never_shown(operation: CreateSecret) -> None:
    inverse = operation.inverse()
    assert inverse is not None
    shown = [operation.line(), operation.python(), operation.stdin(), repr(operation), repr(inverse), inverse.line()]
    shown += [repr(plan(Step(operation, "why"))), str(operation.permission()), repr(operation.request())]
    assert not any(SECRET in text or base64.b64encode(SECRET.encode()).decode() in text for text in shown)
    (value,) = operation.request().body["data"].values()
    assert base64.b64decode(value).decode().startswith(SECRET)


@pytest.mark.parametrize(
    ("values", "files"),
    [
        ((("A", "1"), ("B", "2")), ("pg.env",)),
        ((("A", "two\nlines"),), ("A",)),
        ((("A", " spaces "),), ("A",)),
        ((("tls.key", "x\n"), ("tls.crt", "y\n")), ("tls.key", "tls.crt")),
        ((), ()),
    ],
)
def test_the_shown_line_names_the_files_to_fill_in(values: tuple[tuple[str, str], ...], files: tuple[str, ...]) -> None:
    operation = CreateSecret("shop", "pg", values)
    assert operation.files() == files
    assert set(operation.contents()) == set(files)
    assert all(name in operation.line() for name in files)


@pytest.mark.parametrize("operation", [Apply, Create])
def test_a_manifest_which_is_shown_whole_is_never_a_secrets(operation: type[Apply | Create]) -> None:
    manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "pg"}, "stringData": {"PASSWORD": SECRET}}
    with pytest.raises(ValueError, match="CreateSecret") as error:
        operation(kinds.SECRET, "shop", manifest)
    assert SECRET not in str(error.value)
