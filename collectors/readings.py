"""How a source is read, as it is kept and travels with its objects: all that its rows follow from beside the bytes.

Not where it is, nor with whose secrets it is reached: who reads its objects again fetches nothing.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from collectors.compiled import own_profile
from collectors.profiles import Profile, ProfileFile
from collectors.sources import Source, SourceFile, assembled
from evidence.datasets import catalogue

NO_READING = ("transport", "max_age_days")  # of a source


class _Nowhere(BaseModel):
    """The options of no transport."""


@dataclass(frozen=True, slots=True)
class Way:
    """A source to be read and never to be fetched from, and the zone of the house that read it."""

    source: Source
    zone: str


def written(source: Source, zone: str) -> bytes:
    """How a source is read; the same way, the same bytes."""
    profile = source.profile
    told: dict[str, Any] = {
        "source": source.told.model_dump(mode="json", by_alias=True, exclude=set(NO_READING)),
        # What a column leaves out is another thing than what it says is empty.
        "profile": None
        if profile.own_headers
        else profile.told.model_dump(mode="json", by_alias=True, exclude_unset=True),
        "reader": profile.stamp,
        "is_about_all": source.is_about_all,
        "zone": zone,
    }
    return (json.dumps(told, ensure_ascii=True, indent=1) + "\n").encode()


def read(content: bytes, kind: str) -> Way:
    """The way that was written, of a source whose objects were got so; any error of a content that is none."""
    told = json.loads(content)
    source = SourceFile.model_validate(told["source"] | {"transport": {"kind": kind}})
    if (profile := told["profile"]) is None:
        dataset, shape = catalogue()[str(source.dataset)], source.format
        made = own_profile(dataset, shape, source.completeness)
    else:
        made = Profile(profile["name"], ProfileFile.model_validate(profile), told["reader"])
    return Way(assembled(source, made, Path(), _Nowhere(), is_about_all=told["is_about_all"]), str(told["zone"]))
