"""Small invented catalogues, written to a folder and read back; tests change one piece of the text."""

from datetime import date
from pathlib import Path

from controls.binding import MOMENTS
from controls.definition import sealed
from controls.model import About, Control, ControlId, Parameter, View, Words
from evidence.period import Period

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
assert MOMENTS["as_of"] == MARCH.as_of

CONTROLS = """\
measure: HUM
title: {ja: 人的安全管理措置, en: Personnel measures}
controls:
  - id: HUM-01
    title: {ja: 年次教育, en: Annual training}
    requires: {ja: 全員が受講する, en: Everybody is trained}
    basis: [{law: APPI, article: "24"}, {guideline: "10-4"}, {jis: J.4.3, verified: false}]
    valid_from: 2022-04-01
    about: state
    severity: high
    frequency: [monthly]
    datasets: [workers, training]
    population: [workers]
    lookback_days: 400
    parameters:
      training_days: {value: 365, unit: days, owner: 教育責任者, limits: [1, 400]}
    test: |
      SELECT w.engagement_key AS subject, w.company, w.department,
             max(t.completed_on) AS last_trained,
             coalesce(max(t.completed_on) >= $as_of - $training_days, false) AS conforms
      FROM staff AS w
      LEFT JOIN training AS t ON t.person_key = w.person_key
      GROUP BY w.engagement_key, w.company, w.department
    gap: {ja: "{subject}: 未受講(最終 {last_trained})", en: "{subject}: last trained {last_trained}"}
"""
VIEWS = """\
views:
  - name: staff
    datasets: [workers]
    select: |
      SELECT w.engagement_key, w.person_key, w.company, w.department
      FROM workers AS w
      WHERE w.hired_on <= $as_of AND coalesce(w.left_on >= $as_of, true)
    examples:
      - name: who has left is no longer staff
        as_of: 2026-03-31
        given:
          workers:
            - {engagement_key: E1, person_key: P1, left_on: 2026-03-31}
            - {engagement_key: E2, person_key: P2, left_on: 2026-03-30}
        expect: [{engagement_key: E1}]
"""
EXAMPLES = """\
HUM-01:
  - name: trained a year ago counts, a day more does not
    as_of: 2026-03-31
    given:
      workers:
        - {engagement_key: E1, person_key: P1}
        - {engagement_key: E2, person_key: P2}
      training:
        - {person_key: P1, completed_on: 2025-03-31, occurred_on: 2025-03-31}
        - {person_key: P2, completed_on: 2025-03-30, occurred_on: 2025-03-30}
    expect: {E1: true, E2: false}
"""


def write(folder: Path, *, controls: str = CONTROLS, views: str = VIEWS, examples: str = EXAMPLES) -> Path:
    """Write a catalogue of one measure; its folder."""
    (folder / "06_hum.yaml").write_text(controls, "utf-8")
    (folder / "views.yaml").write_text(views, "utf-8")
    (folder / "06_hum.examples.yaml").write_text(examples, "utf-8")
    return folder


def changed(text: str, old: str, new: str) -> str:
    """A text with one piece replaced, which must be there."""
    assert text.count(old) >= 1, f"not in the text: {old}"
    return text.replace(old, new, 1)


def place(text: str, piece: str) -> str:
    """Line and column (from 1) of the first occurrence of a piece of a text."""
    before = text[: text.index(piece)]
    return f"{before.count(chr(10)) + 1}:{len(before) - (before.rfind(chr(10)) + 1) + 1}"


def control(
    test: str,
    *,
    parameters: tuple[Parameter, ...] = (),
    views: tuple[View, ...] = (),
    datasets: tuple[str, ...] = (),
    population: tuple[str, ...] = (),
    about: About | dict[str | None, About] = About.STATE,
    lookback_days: int = 400,
) -> Control:
    """A control around a test, not linted."""
    said = Words("検査", "test")
    return sealed(
        Control(
            id=ControlId("TST-01"),
            measure="TST",
            title=said,
            requires=said,
            basis=(),
            about={None: about} if isinstance(about, About) else about,
            severity="high",
            frequency=("monthly",),
            datasets=datasets,
            population=population,
            lookback_days=lookback_days,
            parameters=parameters,
            test=test,
            gap=said,
            valid_from=date(2022, 4, 1),
            valid_to=date(9999, 12, 31),
            attest=None,
            digest="",
            file="tst.yaml",
            views=views,
        )
    )


def parameter(name: str, value: int | str | tuple[str, ...]) -> Parameter:
    """A parameter that somebody owns."""
    return Parameter(name, value, "days", "owner")
