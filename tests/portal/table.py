"""Who may what, as a table typed from promises.md §4 and the portal's issue: the application does not know it.

Whoever has a grant in one company has none in another.
"""

from collections.abc import Iterator
from dataclasses import replace

from tests.portal.gate import ALONE, BEYOND, HERE, NUMBERS, THERE, WITHIN, Cell

# SEEN: a page asked without a period, with one within the external auditor's, and with one beyond it; PLAN: a form sent
# to a gap; HAND, SIGN: one sent to a row that is a draft, and to one that was handed in; SHEET: a sheet that says nothing;
# RAISE: a finding made of a gap; STEP: a plan for one; HOLD: a head to be compared; ASK, GRANT,
# MAKE: a pack with originals, that is made for nobody but who asked for it (test_originals); WITHIN, BEYOND: a pack of such a period. +: may; .: may not; w: only within; -: they may, but it was done already.
TABLE = """
how    path                               adm sec cpo own mgr int ext dsk bot non  a path of its kind that is not there
GET    /                                   +   +   +   +   +   +   +   +   .   .   /nothing
GET    /grants                             +   .   .   .   .   .   .   .   .   .   /nothing
GET    /settings                           +   +   .   .   .   .   .   .   .   .   /nothing
SEEN   /{c}                                .   +   +   +   .   +   w   .   .   .   /NONE
SEEN   /{c}/measures/VEN                   .   +   +   +   .   +   w   .   .   .   /{c}/measures/XXX
SEEN   /{c}/controls/VEN-04                .   +   +   +   .   +   w   .   .   .   /{c}/controls/XXX-99
SEEN   /{c}/controls/VEN-01                .   +   +   .   .   +   w   .   .   .   /{c}/controls/XXX-99
SEEN   /{c}/controls/VEN-04/0              .   +   +   .   .   +   w   .   .   .   /{c}/controls/VEN-04/99
SEEN   /{c}/controls/VEN-01/0              .   +   +   .   .   +   w   .   .   .   /{c}/controls/VEN-01/99
SEEN   /{c}/gaps                           .   +   +   +   +   +   .   .   .   .   /{c}/nothing
SEEN   /{c}/gaps/VEN-04/{v}/vendor         .   +   +   +   +   +   .   .   .   .   /{c}/gaps/VEN-04/V-99/vendor
SEEN   /{c}/gaps/VEN-01/{v}/evaluation     .   +   +   .   +   +   .   .   .   .   /{c}/gaps/VEN-01/V-99/evaluation
SEEN   /{c}/gaps/VEN-01/{u}/evaluation     .   +   +   .   .   +   .   .   .   .   /{c}/gaps/VEN-01/V-99/evaluation
SEEN   /{c}/ledger                         .   +   +   .   .   +   .   .   .   .   /{c}/nothing
SEEN   /{c}/originals                      .   .   +   .   .   .   .   .   .   .   /{c}/nothing
ASK    /{c}/originals                      .   .   .   .   .   +   .   .   .   .   /{c}/nothing
GRANT  /{c}/originals/{o}                  .   .   +   .   .   .   .   .   .   .   /{c}/originals/nothing
MAKE   /{c}/originals/{o}/build            .   .   .   .   .   .   .   .   .   .   /{c}/originals/nothing/build
SEEN   /{c}/findings                       .   +   +   +   +   +   .   .   .   .   /{c}/nothing
SEEN   /{c}/findings/{f}                   .   +   +   +   +   +   .   .   .   .   /{c}/findings/F-99
RAISE  /{c}/findings                       .   +   .   .   .   -   .   .   .   .   /{c}/nothing
STEP   /{c}/findings/{f}                   .   +   +   +   +   .   .   .   .   .   /{c}/findings/F-99
SEEN   /{c}/calendar                       .   +   +   +   .   +   .   .   .   .   /{c}/nothing
SEEN   /{c}/waivers                        .   +   +   +   +   +   .   .   .   .   /{c}/nothing
SEEN   /{c}/vendors                        .   +   +   .   .   +   .   .   .   .   /{c}/nothing
SEEN   /{c}/vendors/{v}                    .   +   +   .   .   +   .   .   .   .   /{c}/vendors/V-99
SEEN   /{c}/evidence                       .   +   +   .   .   +   w   .   .   .   /{c}/nothing
SEEN   /{c}/evidence/roster                .   +   +   .   .   +   w   .   .   .   /{c}/evidence/nothing
SEEN   /{c}/registers                      .   +   +   .   .   +   .   .   .   .   /{c}/nothing
SEEN   /{c}/registers/vendors              .   +   +   .   .   +   .   .   .   .   /{c}/registers/nothing
SEEN   /{c}/registers/vendors/compare      .   +   +   .   .   +   .   .   .   .   /{c}/registers/nothing/compare
SEEN   /{c}/registers/vendors/sheet        .   +   +   .   .   +   .   .   .   .   /{c}/registers/nothing/sheet
SEEN   /{c}/registers/vendors/{v}          .   +   +   .   .   +   .   .   .   .   /{c}/registers/vendors/V-99
SHEET  /{c}/registers/vendors              .   +   .   .   .   .   .   .   .   .   /{c}/registers/nothing
HAND   /{c}/registers/sub_vendor_approvals/{v} .   +   .   .   .   .   .   .   .   .   /{c}/registers/sub_vendor_approvals/V-99
SIGN   /{c}/registers/sub_vendor_approvals/{u} .   .   +   .   .   .   .   .   .   .   /{c}/registers/sub_vendor_approvals/V-99
HOLD   /{c}/ledger                         .   +   +   .   .   +   .   .   .   .   /{c}/nothing
SEEN   /{c}/decisions                      .   .   +   .   .   .   .   .   .   .   /{c}/nothing
GET    /{c}/periods                        .   +   +   +   .   +   +   .   .   .   /{c}/nothing
GET    /{c}/periods/{w}/self-check         .   +   +   .   .   +   +   .   .   .   /{c}/periods/{w}/nothing
GET    /{c}/periods/{w}/management-book    .   +   +   .   .   +   +   .   .   .   /{c}/periods/{w}/nothing
GET    /{c}/periods/{b}/self-check         .   +   +   .   .   +   .   .   .   .   /{c}/periods/{w}/nothing
GET    /{c}/packs                          .   +   +   .   .   +   +   .   .   .   /{c}/nothing
GET    /{c}/packs/{own}                    .   +   +   .   .   +   +   .   .   .   /{c}/packs/nothing
GET    /{c}/packs/{others}                 .   .   .   .   .   .   .   .   .   .   /{c}/packs/nothing
WITHIN /{c}/packs                          .   +   +   .   .   +   +   .   .   .   /{c}/nothing
BEYOND /{c}/packs                          .   -   -   .   .   -   .   .   .   .   /{c}/nothing
PLAN   /{c}/gaps/VEN-04/{v}/vendor         .   +   +   +   +   .   .   .   .   .   /{c}/gaps/VEN-04/V-99/vendor
PLAN   /{c}/gaps/VEN-01/{v}/evaluation     .   +   +   .   +   .   .   .   .   .   /{c}/gaps/VEN-01/V-99/evaluation
PLAN   /{c}/gaps/VEN-01/{u}/evaluation     .   +   +   .   .   .   .   .   .   .   /{c}/gaps/VEN-01/V-99/evaluation
"""
MOVING = ("PLAN", "HAND", "SIGN", "RAISE", "STEP", "ASK", "GRANT")  # are answered with another page to go to
ROWS = [(how, path, marks, like) for how, path, *marks, like in map(str.split, TABLE.strip().splitlines()[1:])]


def cells() -> Iterator[Cell]:
    for how, path, marks, like in ROWS:
        for place in (HERE, THERE) if "{c}" in path else (HERE,):
            for query in ("", f"?period={WITHIN}", f"?period={BEYOND}") if how == "SEEN" else ("",):
                for who, mark in zip([*NUMBERS, "nobody"], [*marks, "."], strict=True):
                    may = place is HERE and (mark == "+" or (mark == "w" and query.endswith(WITHIN)))
                    if mark != "-" or place is THERE:
                        yield Cell(who, how, path, like, place, query, may)


CELLS = [cell for cell in cells() if cell.who != "nobody"]
THEIRS = [
    one
    for one in cells()
    if (one.who, one.how) == ("nobody", "SEEN")
    and one.place is THERE
    and not one.path.endswith(("/decisions", "/originals"))
]
SERVED, DENIED = ([cell for cell in CELLS if cell.may is may] for may in (True, False))
NOBODY = [cell for cell in cells() if cell.who == "nobody"]
HELD_BACK = [
    replace(cell, who=who, may=False)
    for who in ALONE
    for cell in SERVED
    if cell.who == who.split()[0] and cell.path != "/"
]
