"""Values that more than one room of floor 2 speaks of: what people recorded about controls and deviations."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime


def twelve_months_after(day: date) -> date:
    """The last day that what was accepted or answered on a day can hold, where nothing says less."""
    return day.replace(min(day.year + 1, MAXYEAR), day=min(day.day, 28) if day.month == 2 else day.day)


@dataclass(frozen=True, slots=True)
class Waiver:
    """An approved, reasoned, expiring acceptance of deviations (例外承認); it shows, and never hides."""

    waiver_id: str
    control: str
    company: str
    department: str | None
    subject: str | None  # None = the whole company or department
    aspect: str | None
    reason: str
    approved_by: str
    approved_on: date
    expires_on: date

    def covers(self, department: str | None, subject: str, aspect: str | None, on: date) -> bool:
        """Whether this waiver holds for one member on a day; both ends are included."""
        return self.approved_on <= on <= self.expires_on and self.reaches(department, subject, aspect)

    def reaches(self, department: str | None, subject: str, aspect: str | None) -> bool:
        """Whether this waiver is about one member, on whatever day."""
        return (
            self.department in (None, department) and self.subject in (None, subject) and self.aspect in (None, aspect)
        )


@dataclass(frozen=True, slots=True)
class Waivers:
    """All waivers known at one moment."""

    all: tuple[Waiver, ...] = ()

    def of(self, control: str, company: str) -> tuple[Waiver, ...]:
        """The waivers of one control in one company."""
        return tuple(w for w in self.all if w.control == control and w.company == company)

    @staticmethod
    def from_rows(rows: Iterable[dict[str, object]]) -> "Waivers":
        """Build from rows of the dataset ``waivers``; columns that it does not use are ignored."""
        names = {"waiver_id": "waiver_id", "control_id": "control"} | {
            n: n
            for n in (
                "company",
                "department",
                "subject",
                "aspect",
                "reason",
                "approved_by",
                "approved_on",
                "expires_on",
            )
        }
        return Waivers(tuple(Waiver(**{to: row[name] for name, to in names.items()}) for row in rows))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Broken:
    """One rule of a register that one of its rows breaks, and the column to mend."""

    key: tuple[str, ...]
    column: str
    ja: str  # begins with the rule: BK-03
    en: str
    grave: bool  # an error; else a warning


@dataclass(frozen=True, slots=True)
class Attestation:
    """A person's signed answer to a question about a control, with evidence, expiring."""

    attestation_id: str
    control: str
    company: str
    department: str | None
    question: str
    subject: str
    answer: str  # yes | partly | no | not_applicable | nil
    answered_by: str
    answered_at: datetime
    expires_on: date
