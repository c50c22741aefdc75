"""Made once, or found once to lack facts: within one wave no fact changes, and a second try would miss the same."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast, overload

from explainers.diagnosis.facts import Missing

T = TypeVar("T")
Key = str | Callable[..., object]


def made_once(made: dict[Key, object], key: Key, make: Callable[[], T]) -> T:
    """What `make` gives, from `made` where it is there; raises Missing, each time, where it lacked facts."""
    if key not in made:
        try:
            made[key] = make()
        except Missing as missing:
            made[key] = Missing(missing.facts)  # a new one: that which was raised holds on to the frames it passed
    found = made[key]
    if isinstance(found, Missing):
        raise Missing(found.facts)
    return cast(T, found)


class remembered(Generic[T]):  # noqa: N801 - a decorator, like `property`
    """A `functools.cached_property` that also remembers what was missing."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> "remembered[T]": ...

    @overload
    def __get__(self, instance: object, owner: type) -> T: ...

    def __get__(self, instance: object | None, owner: type) -> "remembered[T] | T":
        if instance is None:
            return self
        found = made_once(vars(instance).setdefault("_made", {}), self._name, lambda: self._make(instance))
        vars(instance)[self._name] = found  # found there from now on: this descriptor has no __set__
        return found
