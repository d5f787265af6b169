"""One control: what it asks for, what it came to, every deviation, and the lines that each was read from."""

from starlette.responses import Response

from controls.model import Assessment, Control, Deviation, Parameter, Words
from controls.record import assessment_of
from evidence.errors import ConfigError
from evidence.period import Period
from house.trail import places
from portal.door import Asked, NotThere
from portal.forms import number_of
from portal.pages.standing import results
from portal.rights import Right
from reports.words import UNITS, aspect_text, basis_text, deviation_text, remark, shown, vocabulary

MOST_SHOWN, MOST_JUDGEMENTS = 200, 30


def control(asked: Asked) -> Response:
    """A control, its newest result or that of a period, its deviations and how it came out before."""
    told, judged = _control(asked), _judged(asked)
    mine = [d for d in judged.deviations if asked.scope.holds(str(told.id), d.department)] if judged else []
    first = number_of(asked.request.query_params.get("from"))
    return asked.page(
        "control.html",
        control=told,
        basis=[basis_text(one) for one in told.basis],
        judged=judged,
        parameters=[(one.name, _told(told, judged, one)) for one in told.parameters],
        remark=asked.masked(remark(told, judged)) if judged else "",
        deviations=[_line(asked, told, place, one) for place, one in enumerate(mine)][first : first + MOST_SHOWN],
        first=first,
        found=len(mine),
        most=MOST_SHOWN,
        history=_history(asked),
        lines=asked.may(Right.SOURCE_LINES),
    )


def _told(control: Control, judged: Assessment | None, one: Parameter) -> Words:
    """What a threshold is, in the words of the report; in English as the control has it."""
    value = judged.parameters.get(one.name, one.value) if judged else one.value
    given = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    told = shown(value, vocabulary(one.unit, control.datasets))
    return Words(f"{told} {UNITS.get(one.unit, one.unit)}", f"{given} {one.unit}")


def deviation(asked: Asked) -> Response:
    """One deviation, and from which lines of which objects it was read."""
    told, judged, number = _control(asked), _judged(asked), asked.given["number"]
    place = number_of(number)
    mine = [d for d in judged.deviations if asked.scope.holds(str(told.id), d.department)] if judged else []
    if judged is None or place >= len(mine) or number != str(place):
        raise NotThere
    read = [
        {**row, "object": asked.masked(str(row["object"])), "source": asked.masked(str(row["source"]))}
        for row in places(asked.house, mine[place].proof)
    ]
    return asked.page(
        "deviation.html", control=told, judged=judged, one=_line(asked, told, place, mine[place]), places=read,
        total=mine[place].proof.total,
    )  # fmt: skip


def _control(asked: Asked) -> Control:
    try:
        told = asked.house.catalogue.control(asked.given["control"])
    except ConfigError as error:
        raise NotThere from error
    if not asked.scope.knows(str(told.id)):
        raise NotThere
    return told


def _judged(asked: Asked) -> Assessment | None:
    return next((one for one in results(asked) if one.control == asked.given["control"]), None)


def _line(asked: Asked, control: Control, place: int, one: Deviation) -> dict[str, object]:
    return {
        "number": place,
        "subject": asked.masked(one.subject),
        "aspect": asked.masked(aspect_text(one.aspect)),
        "department": one.department,
        "day": one.occurred_on,
        "waiver": asked.masked(one.waiver) if one.waiver else None,
        "text": asked.masked(deviation_text(control, one)),
    }


def _history(asked: Asked) -> list[Assessment]:
    """How it came out, the newest first; of who is confined to a period, within that."""
    with asked.house.store.read() as tx:
        rows = tx.judgements.history(asked.given["control"], str(asked.company))
    judged = [assessment_of(row) for row in rows[::-1][: 10 * MOST_JUDGEMENTS]]
    zone = asked.house.settings.zone
    told = [one for one in judged if asked.scope.spans(Period(one.since, one.as_of, zone))]
    return told[:MOST_JUDGEMENTS]
