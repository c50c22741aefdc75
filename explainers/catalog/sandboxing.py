"""Jinja2 with so little in it that no template of a team can harm: expressions, `if`, and loops that end.

A template that is not allowed is refused by its syntax tree, before anything of it runs. What runs is counted: every
loop, range and filter costs what it looks at, and whoever spends more than there is gets an error.
"""

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from math import isfinite
from typing import Any, cast

from jinja2 import StrictUndefined, Template, TemplateError, Undefined, nodes, pass_context
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

LONGEST_TEXT, LONGEST_RANGE, ALLOWANCE = 64 * 1024, 1_000, 2_000_000
BUDGET = "_budget"
_FILTERS = (
    *("abs", "capitalize", "count", "d", "default", "first", "float", "int", "items", "join", "last", "length", "list"),
    *(
        "lower",
        "max",
        "min",
        "replace",
        "reverse",
        "round",
        "sort",
        "string",
        "sum",
        "title",
        "trim",
        "unique",
        "upper",
    ),
)
_TESTS = (
    *(
        "boolean",
        "defined",
        "divisibleby",
        "eq",
        "even",
        "false",
        "float",
        "ge",
        "gt",
        "in",
        "integer",
        "iterable",
        "le",
    ),
    *("lt", "mapping", "ne", "none", "number", "odd", "sequence", "string", "true", "undefined"),
)
_OWN = ("b64encode", "tojson")
_NODES = (
    *(nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Tuple, nodes.List, nodes.Dict, nodes.Pair),
    *(nodes.CondExpr, nodes.Filter, nodes.Test, nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Concat, nodes.Compare),
    *(nodes.Operand, nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Neg, nodes.Pos),
    *(nodes.Not, nodes.And, nodes.Or, nodes.If, nodes.For, nodes.Call, nodes.Keyword),
)
_LOOP = frozenset({"index", "index0", "first", "last", "length", "revindex", "revindex0"})
_RESULT, _LOOPED, _JOINED = "_result", "_looped", "_joined"


class Refused(ValueError):
    """The template may not do that; said in words."""


class Budget:
    """How much a rendering may still do."""

    def __init__(self, left: int = ALLOWANCE) -> None:
        self.left = left

    def spend(self, cost: int) -> None:
        self.left -= cost
        if self.left < 0:
            raise Refused("This takes too long to work out: fewer or shorter loops, please.")


def weigh(value: Any) -> int:
    """The characters and items in a value, whatever it holds; beyond what is allowed anyway the counting ends."""
    total, left = 0, [value]
    while left and total <= ALLOWANCE:
        each = left.pop()
        total += 1 + (len(each) if isinstance(each, str) else 0)
        if isinstance(each, Mapping):
            left += [*each.keys(), *each.values()]
        elif isinstance(each, list | tuple | range):
            left += each
    return total


def _spend(context: Context, cost: int) -> None:
    cast(Budget, context[BUDGET]).spend(cost)


def _bounded(name: str) -> Callable[..., Any]:
    """A filter of Jinja2 that pays for what it looks at, and whose result stays small."""
    original = FILTERS[name]
    passes = getattr(original, "jinja_pass_arg", None)

    @pass_context
    def filtered(context: Context, value: Any, *more: Any, **named: Any) -> Any:
        size = weigh(value)
        _spend(context, size + weigh([*more, *named.values()]))
        if name == "replace" and len(more) > 1:
            _small(len(str(value)) * (1 + len(str(more[1]))))
        if name in ("join", "string"):
            _small(size * (1 + weigh(list(more))))
        first: list[Any] = [] if passes is None else [_PASSED[passes.name](context)]
        result = original(*first, value, *more, **named)
        return list(result) if name in ("items", "reverse", "unique") and not isinstance(result, str) else result

    return filtered


_PASSED: dict[str, Callable[[Context], Any]] = {
    "context": lambda context: context,
    "eval_context": lambda context: context.eval_ctx,
    "environment": lambda context: context.environment,
}


@pass_context
def _together(context: Context, values: list[Any]) -> str:
    """What `a ~ b` gives."""
    size = weigh(values)
    _small(size)
    _spend(context, size)
    return "".join(str(printed(each)) for each in values)


def printed(value: Any) -> Any:
    """How a value is written in a text: as YAML and JSON write it."""
    if isinstance(value, str | int | float | Undefined) and not isinstance(value, bool):
        return value
    if value is None:
        raise Refused("There is nothing to write here: give it a value with `default`.")
    if isinstance(value, bool | list | tuple | dict):
        _small(weigh(value))
        return json.dumps(value)
    raise Refused("This cannot be written.")


def _small(size: int) -> None:
    if size > LONGEST_TEXT:
        raise Refused(f"A text may have {LONGEST_TEXT // 1024} kB.")


@pass_context
def _each(context: Context, value: Any, weight: int) -> Any:
    """What a loop goes through, paid for beforehand."""
    if isinstance(value, Undefined):
        return value
    if not isinstance(value, list | tuple | Mapping | range):
        raise Refused("A loop goes through a list or the keys of a mapping.")
    if len(value) > LONGEST_RANGE:
        raise Refused(f"A loop may go round {LONGEST_RANGE:,} times, not {len(value):,}.")
    _spend(context, len(value) * weight)
    return value


@pass_context
def _range(context: Context, *bounds: Any) -> range:
    if not bounds or not all(isinstance(bound, int) for bound in bounds):
        raise Refused("`range` takes whole numbers.")
    numbers = range(*bounds)
    if len(numbers) > LONGEST_RANGE:
        raise Refused(f"`range` may give {LONGEST_RANGE:,} numbers, not {len(numbers):,}.")
    _spend(context, len(numbers))
    return numbers


def _coded(value: Any) -> str:
    """`b64encode`: what the `data` of a Secret takes."""
    return base64.b64encode(str(value).encode()).decode()


def _as_json(value: Any) -> str:
    _small(weigh(value))
    return json.dumps(value)


class Sandbox(ImmutableSandboxedEnvironment):
    """Attributes are keys of mappings and nothing else; only numbers are multiplied; nothing is called but `range`."""

    intercepted_binops = frozenset({"*", "+", "%"})

    def __init__(self) -> None:
        super().__init__(
            undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False, cache_size=0, finalize=printed
        )
        self.filters = {name: _bounded(name) for name in _FILTERS}
        self.filters |= {"b64encode": _coded, "tojson": _as_json, _LOOPED: _each, _JOINED: _together}
        self.tests = {name: self.tests[name] for name in _TESTS}
        self.globals = {"range": _range}

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Undefined):
            return obj[argument]
        if isinstance(obj, LoopContext) and argument in _LOOP:
            return getattr(obj, argument)
        if isinstance(obj, Mapping) and isinstance(argument, str):
            if argument in obj:
                return obj[argument]
            there = ", ".join(f"`{key}`" for key in list(obj)[:10]) or "nothing"
            return self.undefined(f"`{argument}` is not there; there is {there}.", obj, argument)
        if isinstance(obj, str | list | tuple | range) and isinstance(argument, int | slice):
            try:
                return obj[argument]
            except IndexError:
                return self.undefined(f"There is no number {argument}; there are {len(obj)}.", obj, str(argument))
        return self.undefined(f"`{argument}` is not there.", obj, str(argument))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "+" and isinstance(left, str | list | tuple) and type(left) is type(right):
            _small(len(left) + len(right))
        elif not isinstance(left, int | float | Undefined) or not isinstance(right, int | float | Undefined):
            raise Refused(f"`{operator}` takes numbers here; texts are joined with `~`.")
        return super().call_binop(context, operator, left, right)

    def is_safe_callable(self, obj: Any) -> bool:
        return obj is _range


_ENVIRONMENT = Sandbox()


@lru_cache(1024)
def compiled(text: str) -> tuple[Template, bool]:
    """The template, and whether it is one expression whose value counts as it is. Raises Refused."""
    _small(len(text))
    try:
        tree = _ENVIRONMENT.parse(text)
        _check(tree, False)
        tree = _Paying().visit(tree)
        whole = len(tree.body) == 1 and isinstance(tree.body[0], nodes.Output) and len(tree.body[0].nodes) == 1
        if whole and not isinstance(tree.body[0].nodes[0], nodes.TemplateData):
            expression = tree.body[0].nodes[0]
            body: list[nodes.Node] = [nodes.Assign(nodes.Name(_RESULT, "store"), expression, lineno=1)]
            return _ENVIRONMENT.from_string(nodes.Template(body, lineno=1)), True
        return _ENVIRONMENT.from_string(tree), False
    except TemplateError as error:
        raise Refused(f"{error.message or 'This is no template'}".rstrip(".") + ".") from None
    except (RecursionError, SyntaxError, MemoryError, ValueError, OverflowError) as error:
        raise error if isinstance(error, Refused) else Refused("This template is too deep or too big.") from None


def evaluated(text: str, values: Mapping[str, Any], budget: Budget) -> Any:
    """What the template gives. Raises Refused, in words that hold no value."""
    template, whole = compiled(text)
    context = template.new_context({**values, BUDGET: budget})
    try:
        pieces = _joined(template.root_render_func(context), budget)
        result = context.vars[_RESULT] if whole else pieces
        if isinstance(result, Undefined):
            str(result)
        return list(result) if isinstance(result, range) else result
    except SecurityError:
        raise Refused("A template may not do this.") from None
    except TemplateError as error:
        raise Refused(_told(str(error.message), values)) from None
    except (TypeError, ArithmeticError, ValueError, LookupError, AttributeError, RecursionError) as error:
        raise error if isinstance(error, Refused) else Refused(_worked_out(error)) from None


def _joined(pieces: Iterable[str], budget: Budget) -> str:
    """The output, as long as it is not too long."""
    found, size = [], 0
    for piece in pieces:
        found.append(piece)
        size += len(piece)
        _small(size)
        budget.spend(1 + len(piece))
    return "".join(found)


def _told(message: str, values: Mapping[str, Any]) -> str:
    if message.endswith(" is undefined") and "'" in message:
        name, known = message.split("'")[1], ", ".join(f"`{each}`" for each in values)
        return f"I know no `{name}`. Templates may use {known}."
    return message


def _worked_out(error: Exception) -> str:
    """Other errors may hold values, which may be secret."""
    return f"This cannot be worked out: {error}." if isinstance(error, TypeError) else "This cannot be worked out."


def _check(node: nodes.Node, looping: bool) -> None:
    """Raises Refused for what templates of a catalog do not have."""
    for child in node.iter_child_nodes():
        if not isinstance(child, _NODES):
            word = type(child).__name__.lower()
            raise Refused(f"Templates here have expressions, `if` and `for`; `{word}` is not among them.")
        if isinstance(child, nodes.Call) and not (isinstance(child.node, nodes.Name) and child.node.name == "range"):
            raise Refused("Nothing can be called in a template but `range`; there are filters: `name | lower`.")
        _check_names(child)
        if isinstance(child, nodes.For):
            _check_loop(child, looping)
        _check(child, looping or isinstance(child, nodes.For))


class _Paying(NodeTransformer):
    """Loops and joined texts pay for what they do."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 (Jinja2's name)
        self.generic_visit(node)
        weight = sum(1 for _ in node.find_all(nodes.Node)) + 1
        node.iter = nodes.Filter(node.iter, _LOOPED, [nodes.Const(weight)], [], None, None, lineno=node.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 (Jinja2's name)
        self.generic_visit(node)
        return nodes.Filter(nodes.List(node.nodes), _JOINED, [], [], None, None, lineno=node.lineno)


def _check_loop(loop: nodes.For, looping: bool) -> None:
    if looping or loop.recursive or loop.test:
        raise Refused("A loop stands alone: none in another, none that calls itself, no `if` in its head.")


def _check_names(node: nodes.Node) -> None:
    name: Any = ""
    match node:
        case nodes.Name():
            name = node.name
        case nodes.Getattr():
            name = node.attr
        case nodes.Getitem() if isinstance(node.arg, nodes.Const):
            name = node.arg.value
        case nodes.Filter() if node.name not in (*_FILTERS, *_OWN):
            raise Refused(f"There is no filter `{node.name}`; there are {', '.join(sorted((*_FILTERS, *_OWN)))}.")
        case nodes.Test() if node.name not in _TESTS:
            raise Refused(f"There is no test `{node.name}`.")
        case nodes.Const() if isinstance(node.value, float) and not isfinite(node.value):
            raise Refused("A number in this template is too big.")
        case nodes.Call() if node.dyn_args or node.dyn_kwargs or node.kwargs:
            raise Refused("`range` takes whole numbers.")
        case nodes.Filter() | nodes.Test() if node.dyn_args or node.dyn_kwargs:
            raise Refused("Arguments are written out in a template.")
    if isinstance(name, str) and name.startswith("_"):
        raise Refused(f"Names that begin with an underscore (`{name}`) are out of reach of templates.")
