"""What many ask for is worked out once, until something is committed, the day is over or a scheduler falls silent."""

from collections.abc import Callable
from typing import Concatenate, TypeVar, cast

from house import House
from house.slots import silent_since

T = TypeVar("T")


def once(house: House, made: Callable[Concatenate[House, ...], T], *about: object) -> T:
    """What is made of a house as it stands; what follows from its sources, too, is told ``about`` which."""
    at = (house.store.last_commit(), house.today, silent_since(house))
    return cast(T, house.kept.once(at, (made, about), lambda: made(house, *about)))
