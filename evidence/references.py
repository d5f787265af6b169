"""Secrets by reference: a file that people write only *names* one; its value comes from outside, at the last moment.

``${env:NAME}`` is an environment variable, ``${file:path}`` a file that only its owner can read (a relative path lies
in the home). No message ever holds a value.
"""

import os
import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from evidence import secrets
from evidence.errors import ConfigError

_REFERENCE = re.compile(r"\$\{(?:env:(?P<env>[A-Za-z_][A-Za-z0-9_]*)|file:(?P<file>[^${}\x00-\x1f]+))\}")

Resolve = Callable[[str], str]  # reference → secret


def is_reference(text: str) -> bool:
    """Whether a text is meant to name a secret, rightly or not."""
    return text.startswith("${")


def reference(text: str) -> str:
    """A text that names a secret; ValueError says how one is named, and never what stood there."""
    if not _REFERENCE.fullmatch(text):
        raise ValueError(
            "a secret does not stand in this file: write '${env:NAME}' and set that variable, or '${file:keys/NAME}' "
            "and put the secret into that file (chmod 600); one that stood here is no secret any more: replace it"
        )
    return text


Reference = Annotated[str, AfterValidator(reference)]


def resolver(home: Path, environment: Mapping[str, str] = os.environ) -> Resolve:
    """What looks references up, for a home and its environment."""
    return partial(resolve, home=home, environment=environment)


def resolve(reference: str, *, home: Path, environment: Mapping[str, str]) -> str:
    """The secret that a reference names; ConfigError says which variable or file is missing, empty or open."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise ConfigError("a secret is named as '${env:NAME}' or '${file:keys/NAME}', never written out")
    if name := match["env"]:
        secret = environment.get(name, "")
        if not secret:
            raise ConfigError(f"the environment variable {name} is not set; it holds a secret")
        return secret
    path = home / match["file"]
    try:
        secret = secrets.read(path, "write the secret into it and run chmod 600").decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        # The error itself holds the bytes of the secret: not even the traceback may show them.
        raise ConfigError(f"{path}: is not UTF-8 text") from UnicodeError(error.reason)
    if not secret:
        raise ConfigError(f"{path}: is empty; write the secret into it")
    return secret
