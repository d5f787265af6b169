"""The coverage calendar: what should have been checked in the fiscal year, month by month, and what became of it."""

from starlette.responses import Response

from evidence.cycles import Cycle, FiscalYear
from house.coverage import coverage, plan
from house.fiscal import fiscal_years
from portal.door import Asked
from portal.forms import number_of
from reports.coverage import Counts, coverage_year
from reports.self_check_coverage import FREQUENCY, KINDS, cell_text, month_name, sign

YEARS = range(2000, 2200)


def calendar(asked: Asked) -> Response:
    """The controls that are for whoever asks, by months; of this fiscal year, or of the one that begins in a year."""
    house, company, now = asked.house, str(asked.company), asked.known_at
    fiscal = fiscal_years(house)[0].get(company, FiscalYear())
    began = number_of(asked.request.query_params.get("year"))
    year = fiscal.beginning_in(began) if began in YEARS else fiscal.holding(Cycle.YEAR, house.today)
    told = plan(house, company, fiscal, year)
    controls = [str(one.id) for one in house.catalogue.controls if asked.scope.knows(str(one.id))]
    lines = [one for _, one in coverage(house, {company: told}, now, controls)] if controls else []
    found = coverage_year(told, lines, house.catalogue.controls, now.astimezone(house.zone))
    return asked.page(
        "calendar.html", year=year, months=[month_name(one) for one in found.months],
        before=year.since.year - 1, after=year.since.year + 1, is_over=year.as_of < house.today,
        lines=[
            {"control": one.control, "title": house.catalogue.control(one.control).title, "frequency": one.frequency,
             "ja": FREQUENCY[one.frequency], "cells": [_cell(counts) for counts in (*one.months, one.total)]}
            for one in found.lines
        ],
    )  # fmt: skip


def _cell(counts: Counts) -> tuple[str, str, str]:
    """What a cell says, the mark of it, and how it is coloured."""
    mark = sign(counts)
    return cell_text(counts), mark, KINDS.get(mark, "")
