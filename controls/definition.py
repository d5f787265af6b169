"""The digest of a control's definition: its words, parameters, test and views, the same on every machine."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

import rfc8785

from controls.model import Control, Parameter


def sealed(control: Control) -> Control:
    """The control with the digest of its definition; asked again after any change of a parameter."""
    return replace(control, digest=hashlib.sha256(canonical(control)).hexdigest())


def canonical(control: Control) -> bytes:
    """The definition as it is digested: RFC 8785 JSON, so that whoever holds it can digest it too."""
    told = {key: value for key, value in asdict(control).items() if key not in ("digest", "file")}
    told["views"] = [{key: value for key, value in asdict(view).items() if key != "file"} for view in control.views]
    return rfc8785.dumps(_plain(told))


def with_parameters(control: Control, values: Mapping[str, object]) -> Control:
    """The control with other values of its parameters (an example's, later a company's) and its own digest."""
    return sealed(replace(control, parameters=given_to(control.parameters, values)))


def given_to(parameters: Iterable[Parameter], values: Mapping[str, Any]) -> tuple[Parameter, ...]:
    """The parameters with the values that are given for them."""
    return tuple(replace(p, value=values[p.name]) if p.name in values else p for p in parameters)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key or ""): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Decimal | date) else value
