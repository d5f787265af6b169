"""What many ask for is worked out once, until something is committed, the day is over or a scheduler falls silent."""

from collections.abc import Callable
from typing import Concatenate, TypeVar, cast

from house import House
from house.kept import NOTHING
from house.slots import silent_since

T = TypeVar("T")


def moment(house: House) -> object:
    """What is another as soon as anything of a house may be."""
    return house.store.last_commit(), house.today, silent_since(house)


def once(house: House, made: Callable[Concatenate[House, ...], T], *about: object, by: House | None = None) -> T:
    """What is made of a house as it stands, worked out by it or ``by`` another of the same home; what fails is not
    kept."""
    at = moment(house)
    kept = house.kept.find(at, (made, about))
    if kept is not NOTHING:
        return cast(T, kept)
    told = made(by or house, *about)
    house.kept.put(at, (made, about), told)
    return told
