"""What a page looks like: templates in Japanese or English, with headers that keep everything foreign out."""

from collections.abc import Mapping
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from controls.model import Verdict, Words
from portal.rights import Right
from portal.words import (
    ACTS_DONE,
    FINDING_STATES,
    IN_LEDGER,
    LANGUAGES,
    ROLES,
    ROW_STATES,
    SEVERITIES,
    STATES,
    VENDOR_STATES,
    VERDICTS,
    WORDS,
)
from reports.words import titled

LANGUAGE = "lang"
CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
BY_TLS = {"Strict-Transport-Security": "max-age=31536000"}
TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}


class Shown:
    """The templates."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=PackageLoader("portal"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
            lstrip_blocks=True,
        )  # fmt: skip
        self._templates.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "sort_keys": True}  # to be read
        self._templates.globals |= {
            "verdicts": VERDICTS, "severities": SEVERITIES, "states": STATES, "roles": ROLES, "marks": tuple(Verdict),
            "right": Right, "acts_done": ACTS_DONE, "in_ledger": IN_LEDGER, "row_states": ROW_STATES,
            "vendor_states": VENDOR_STATES, "finding_states": FINDING_STATES, "titled": titled,
        }  # fmt: skip

    def page(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        """A page in the language of whoever asks."""
        spoken = language(request)

        def say(told: str | Words) -> str:
            words = WORDS[told] if isinstance(told, str) else told
            return words.en if spoken == "en" and words.en else words.ja

        query = f"?{request.url.query}" if request.url.query else ""
        html = self._templates.get_template(template).render(
            t=say,
            lang=spoken,
            here=request.url.path + query,
            **({"asked": None} | values),
        )
        return HTMLResponse(html, status)

    def nothing(self, request: Request) -> Response:
        """That there is nothing here, or nothing for whoever asks: both are the same to them."""
        return self.page(request, "nothing.html", 404)


def language(request: Request) -> str:
    """The language that somebody chose, else the browser's first, else Japanese."""
    chosen = request.cookies.get(LANGUAGE, "")
    if chosen in LANGUAGES:
        return chosen
    first = request.headers.get("accept-language", "").split(",")[0].split("-")[0].strip().casefold()
    return first if first in LANGUAGES else LANGUAGES[0]


def static() -> Mapping[str, tuple[bytes, str]]:
    """The style and the script of the pages, by name, each with its type."""
    folder = resources.files("portal") / "static"
    return {
        one.name: (one.read_bytes(), TYPES[one.name.rpartition(".")[2]])
        for one in folder.iterdir()
        if one.name.rpartition(".")[2] in TYPES
    }
