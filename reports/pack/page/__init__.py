"""verify.html: the second verifier of a pack, one page that an auditor opens from disk.

Its parts lie beside this module and are joined here, so that the page needs nothing from outside and always has the
same bytes. It was written from docs/pack-format.md and not from verify.py: the two must agree.
"""

import base64
import hashlib
from functools import cache
from importlib.resources import files

SCRIPTS = ("text", "sha256", "zip", "table", "note", "bag", "ledger", "stamp", "judged", "verify", "page")


@cache
def page() -> bytes:
    """The whole page; nothing runs or is shown in it but what its own Content-Security-Policy names by digest."""
    script = "".join(_part(f"{name}.js") for name in SCRIPTS)
    told = {"script": script, "style": _part("page.css")}
    whole = _part("page.html")
    for name, content in told.items():
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode("ascii")
        whole = whole.replace(f"{{{name}_hash}}", f"sha256-{digest}").replace(f"{{{name}}}", content)
    return whole.encode()


def _part(name: str) -> str:
    return files(__name__).joinpath(name).read_bytes().decode()
