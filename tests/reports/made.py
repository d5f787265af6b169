"""Invented companies, judgements and books for the tests of reports: nobody here exists, and nothing here changes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from controls.model import (
    About,
    Assessment,
    Attest,
    Basis,
    Control,
    ControlId,
    Deviation,
    Gap,
    Parameter,
    Proof,
    Tally,
    Verdict,
    Words,
)
from evidence.cycles import Cycle, FiscalYear
from evidence.persons import Keys, masked
from reports.coverage import DUE, OFTEN_FIRST, CoverageYear, Covered, Mark, Plan, coverage_year, occurrences
from reports.self_check_view import Change, EvidenceLine, Judged

SECRET = bytes(range(32))
KEYS = Keys(SECRET)
COMPANY, COMPANY_NAME = "AOBA", "株式会社青葉架空商事"
SINCE, AS_OF = date(2026, 4, 1), date(2026, 9, 30)
KNOWN_AT = datetime(2026, 10, 5, 3, 20, 11, tzinfo=UTC).astimezone(ZoneInfo("Asia/Tokyo"))
BEGAN = datetime(2026, 5, 11, tzinfo=UTC)
ENGINE = "duckdb 1.4.0"

MEASURES = (
    ("POL", "基本方針の策定"),
    ("REG", "個人データの取扱いに係る規律の整備"),
    ("ORG-1", "組織体制の整備"),
    ("ORG-2", "個人データの取扱いに係る規律に従った運用"),
    ("ORG-3", "個人データの取扱状況を確認する手段の整備"),
    ("ORG-4", "漏えい等事案に対応する体制の整備"),
    ("ORG-5", "取扱状況の把握及び安全管理措置の見直し"),
    ("HUM", "人的安全管理措置"),
    ("PHY-1", "個人データを取り扱う区域の管理"),
    ("PHY-2", "機器及び電子媒体等の盗難等の防止"),
    ("PHY-3", "電子媒体等を持ち運ぶ場合の漏えい等の防止"),
    ("PHY-4", "個人データの削除及び機器、電子媒体等の廃棄"),
    ("TEC-1", "アクセス制御"),
    ("TEC-2", "アクセス者の識別と認証"),
    ("TEC-3", "外部からの不正アクセス等の防止"),
    ("TEC-4", "情報システムの使用に伴う漏えい等の防止"),
    ("VEN", "委託先の監督"),
    ("EXT", "外的環境の把握"),
)
DEPARTMENTS = (
    ("D100", "経営企画部"),
    ("D110", "人事総務部"),
    ("D120", "情報システム部"),
    ("D200", "求人サービス第一営業部(関東・甲信越エリア担当)"),
    ("D210", "求人サービス第二営業部"),
    ("D220", "カスタマーサポートセンター"),
    ("D300", "プロダクト開発部"),
    ("D310", "データ分析グループ"),
)
VERDICTS = (
    Verdict.FAIL,
    Verdict.PASS,
    Verdict.PARTIAL,
    Verdict.PASS,
    Verdict.UNVERIFIED,
    Verdict.PASS,
    Verdict.NOT_APPLICABLE,
    Verdict.PASS,
)
REASONS = {
    Verdict.UNVERIFIED: "証跡が古い: hr_roster の最新の取得は 2026-09-12(許容 2 日)。末尾件数 812 に対し読取 790 行。",
    Verdict.NOT_APPLICABLE: "外国にある第三者への提供がない(承認 D100、2026-04-10、次回見直し 2027-04)",
}
SEVERITIES = ("critical", "high", "medium", "low")
LONG = (
    "退職者 {subject} のアカウントが最終出社日({left_on})から {days} 日を過ぎても有効のままで、"
    "その間に求職者データベースへ延べ 14 回のログインがあった。"
    "システム管理者による停止申請の記録は見つからず、上長の延長承認もない。"
)
STATES = ("open", "acknowledged", "planned", "corrected", "closed", "disposed")


def person(number: int) -> str:
    """The key of an invented person."""
    return KEYS.person("worker_no", f"W-{number}")


def hidden(text: str) -> str:
    """The text as it may leave the protected store."""
    return masked(SECRET, COMPANY, text)


def control(number: int, measure: str, title: str) -> Control:
    """An invented control of a measure."""
    return Control(
        id=ControlId(f"{measure}-{number:02d}"),
        measure=measure,
        title=Words(f"{title}の点検", "Check"),
        requires=Words(
            f"{title}について、定められた手順のとおりに行われ、その記録が期限内に残され、責任者が確認していること。"
            + ("従業者の入退社と異動は翌営業日までに反映されること。" if number % 2 else ""),
            "It is done.",
        ),
        basis=(
            Basis("law", "APPI", "23"),
            Basis("guideline", "通則編", "10-3(2)"),
            Basis("jis", "JIS Q 15001", "J.4.3", verified=False),
        ),
        about={None: About.EVENT} if number % 3 == 0 else {None: About.STATE},
        severity=SEVERITIES[number % 4],
        frequency=("monthly",),
        datasets=("workers",),
        population=("workers",),
        lookback_days=400,
        parameters=(
            Parameter("grace_days", number, "days", "個人情報保護管理者", (0, 400)),
            Parameter("allowed_kinds", ("regular", "officer", "dispatched"), "employment kinds", "人事総務部長"),
        ),
        test="SELECT 1",
        gap=Words(LONG if number % 2 else "{department} {subject}: 年次教育が未受講(最終 {left_on})", "{subject}"),
        valid_from=date(2022, 4, 1),
        valid_to=date(9999, 12, 31),
        attest=Attest("q", Words("実施しましたか", "Done?"), "部門管理者", 90) if number % 5 == 0 else None,
        digest=sha256(f"{measure}{number}".encode()).hexdigest(),
        file="made.yaml",
    )


def controls() -> tuple[Control, ...]:
    """24 controls: one a measure, and six measures have two."""
    first = [control(number, code, title) for number, (code, title) in enumerate(MEASURES, start=1)]
    second = [control(number, code, title) for number, (code, title) in enumerate(MEASURES[1::3], start=51)]
    return tuple(sorted([*first, *second], key=lambda c: [code for code, _ in MEASURES].index(c.measure)))


def deviation(number: int, *, waiver: str | None = None) -> Deviation:
    """An invented deviation: of a person, or of something on a day."""
    return Deviation(
        subject=person(number) if number % 2 else f"SYS-{number:03d}/export",
        aspect="retired_account" if number % 3 == 0 else None,
        occurred_on=SINCE + timedelta(days=number) if number % 4 == 0 else None,
        department=DEPARTMENTS[number % 7][0] if number % 9 else None,
        columns={"left_on": date(2026, 5, 31), "days": number, "kind": "regular", "by": person(number + 1)},
        proof=Proof(tuple(f"{_object(number % 60)}:Sheet1:{n}" for n in range(1, 1 + number % 7)), number % 7),
        waiver=waiver,
    )


def assessment(number: int, of: Control, verdict: Verdict, **changes: Any) -> Assessment:
    """The judgement of a control: five deviations when it fails, three waived ones when it is partial."""
    waiver = f"WV-2026-{number:03d}" if verdict is Verdict.PARTIAL else None
    count = {Verdict.FAIL: 16, Verdict.PARTIAL: 5}.get(verdict, 0)
    found = tuple(deviation(20 * number % 200 + n, waiver=waiver) for n in range(count))
    told = Assessment(
        control=of.id,
        company=COMPANY,
        since=SINCE,
        as_of=AS_OF,
        known_at=KNOWN_AT,
        verdict=verdict,
        reason=REASONS.get(verdict),
        population=0 if verdict is Verdict.NOT_APPLICABLE else 812 * number,
        population_digest=sha256(of.id.encode()).hexdigest(),
        deviations=found,
        departments=tuple(_tallies(found)) if count or verdict is Verdict.PASS else (),
        parameters={},
        control_digest=of.digest,
        engine=ENGINE,
    )
    return replace(told, **changes)


def _tallies(found: Sequence[Deviation]) -> Iterable[Tally]:
    for code in (None, *(code for code, _ in DEPARTMENTS[:7])):  # the eighth department has no member anywhere
        mine = [d for d in found if d.department == code]
        yield Tally(code, 90, len(mine), sum(1 for d in mine if d.waiver))


def gap(number: int, of: Control, found: Deviation) -> Gap:
    """The gap that a deviation opened."""
    return Gap(
        of.id,
        COMPANY,
        found.subject,
        found.aspect,
        of.about_aspect(found.aspect),
        STATES[number % 6],
        SINCE + timedelta(days=number),
        severity=of.severity,
        department=found.department,
        due_on=date(2026, 10, 31) + timedelta(days=number),
        message=Words(of.gap.ja.format(subject=found.subject, department=found.department, **found.columns), ""),
    )


def finding(number: int, of: str | None) -> dict[str, object]:
    """A row of the dataset ``findings``."""
    done = number % 3 == 0
    return {
        "company": COMPANY,
        "department": DEPARTMENTS[number % 8][0],
        "finding_id": f"FND-2026-{number:03d}",
        "origin": (
            "automatic",
            "self_check",
            "audit",
            "incident",
            "complaint",
            "vendor_audit",
            "drill",
            "management_review",
        )[number % 8],
        "control_id": of,
        "vendor_id": None,
        "severity": SEVERITIES[number % 4],
        "raised_on": SINCE + timedelta(days=10 * number),
        "cause": f"退職手続きの一覧に停止申請の欄がなく、{person(number)} の申請が漏れた。引き継ぎもなかった。"
        if number % 2
        else None,
        "correction": "退職手続きの一覧に欄を加え、自動で停止申請を起票する。既存の退職者は全件を点検した。"
        if done
        else None,
        "owner_key": person(number),
        "due_on": date(2026, 11, 30),
        "due_set_on": None,
        "escalated_on": None,
        "suspension_decided_on": None,
        "completed_on": date(2026, 9, 1) if done else None,
        "implemented_by": person(number + 1) if done else None,
        "verified_on": date(2026, 9, 20) if done else None,
        "verified_by": person(number + 2) if done else None,
        "effective": True if done else None,
        "closed_on": date(2026, 9, 21) if done else None,
    }


def evidence(count: int = 200) -> tuple[EvidenceLine, ...]:
    """Lines of the index of evidence."""
    ids = [c.id for c in controls()]
    return tuple(
        EvidenceLine(
            number=f"E-{n:04d}",
            controls=tuple(ids[n % 24 : n % 24 + 1 + n % 7]),
            name=f"hr_roster_{n:03d}" if n % 2 else "委託先監査結果",
            kind="記録" if n % 4 == 0 else "システム出力",
            origin=f"sftp://files.example:22/var/exports/department-{n:03d}/auth.log.{n}",
            how=("ファイル受領", "SFTP", "S3 API", "手動取込")[n % 4],
            fetched_at=KNOWN_AT - timedelta(hours=n),
            modified_at=KNOWN_AT - timedelta(hours=n + 3) if n % 3 else None,
            size=1_048_576 * n,
            rows=1_234 * n,
            sha256=_object(n),
            reader="hr_roster" if n % 2 else "列見出しどおり",
            complete="不完全: 末尾の件数 812 に対し 790 行" if n % 11 == 0 else f"件数照合 一致({1_234 * n})",
        )
        for n in range(1, count + 1)
    )


def _object(number: int) -> str:
    return sha256(f"object {number}".encode()).hexdigest()


def coverage() -> CoverageYear:
    """Half a fiscal year: every mark, and controls that are checked as often as there are words for it."""
    fiscal = FiscalYear()
    year = fiscal.holding(Cycle.YEAR, AS_OF)
    plan = Plan(fiscal, year, "Asia/Tokyo", lambda end: end + timedelta(days=7), BEGAN)
    lines = []
    for number, control in enumerate(sorted(controls(), key=lambda one: one.id)):
        expected = occurrences(OFTEN_FIRST[number % 7], fiscal, year, "Asia/Tokyo", plan.closes_on)
        past = [Mark.DONE] * 11 + [DUE[number % 5], Mark.DONE if number % 3 else Mark.NOT_APPLICABLE]
        found = [
            Mark.OPEN if one.due_at > KNOWN_AT else Mark.BEFORE if one.due_at <= BEGAN else past[n * (number + 1) % 13]
            for n, one in enumerate(expected)
        ]
        lines.append(Covered(control.id, OFTEN_FIRST[number % 7], expected, found))
    return coverage_year(plan, lines, controls(), KNOWN_AT)


def judged(hide: Callable[[str], str] = hidden, **changes: Any) -> Judged:
    """Half a year of an invented company, with every mark."""
    all_controls = controls()
    assessments = [assessment(n, c, VERDICTS[n % 8]) for n, c in enumerate(all_controls)]
    by_id = {c.id: c for c in all_controls}
    found = [(by_id[a.control], d) for a in assessments for d in a.deviations]
    told = Judged(
        company=COMPANY,
        company_name=COMPANY_NAME,
        measures=[(code, Words(title, code)) for code, title in MEASURES],
        controls=all_controls,
        assessments=assessments,
        changes={all_controls[0].id: {"grace_days": Change("PV-2026-001", date(2026, 4, 1), 7, late=True)}},
        before=[replace(a, verdict=VERDICTS[(n + 1) % 8], deviations=()) for n, a in enumerate(assessments)],
        gaps=[gap(n, c, d) for n, (c, d) in enumerate(found)],
        departments=DEPARTMENTS,
        findings=[finding(n, all_controls[n].id if n % 4 else None) for n in range(12)],
        evidence=evidence(),
        coverage=coverage(),
        known_at=KNOWN_AT,
        masked=hide,
    )
    return replace(told, **changes)
