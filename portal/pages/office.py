"""What is behind the desk: the ledger's head, and how all is set up."""

from starlette.responses import Response

from evidence import ledger
from portal.door import Asked


def head(asked: Asked) -> Response:
    """The signed head of a company's log, to be kept and held against the next."""
    log = ledger.log_of(str(asked.company))
    with asked.house.store.read() as tx:
        signed, size = tx.checkpoints.latest(log), tx.ledger.size(log)
    return asked.page(
        "ledger.html", size=size, signed=signed and signed[0], note=signed and signed[1],
        vkey=asked.house.vkey(str(asked.company)),
    )  # fmt: skip


def settings(asked: Asked) -> Response:
    """How the deployment is set up; where its database is, and what notices need, is not shown."""
    shown = asked.house.settings.model_dump(mode="json", exclude={"database", "notices"})
    return asked.page("settings.html", settings=sorted(shown.items()))
