"""Planted in what the public reads: POL-02 and POL-03."""

from dataclasses import replace
from datetime import timedelta

from demo.days import ago, at
from demo.group import Group
from demo.plan import Plan
from demo.plant_access import waive
from demo.published import LAST_DAY_ARTICLE, NOTICE, capture, renew, state, text_of
from demo.values import Cell, Page

_OTHER_TEXT = f"{7:064x}"
_MISSED = timedelta(days=32)  # a new version is announced by its 31st day
_IN_TIME = timedelta(days=31)


def plant(group: Group, plan: Plan) -> None:
    """Plant in the captured pages and in what the notices say."""
    _pages(group, plan)
    _new_versions(group, plan)
    _outdated_words(group, plan)
    _unfinished_notice(group, plan)
    _right_words(group, plan)


def _of(group: Group, company: str, code: str) -> list[Page]:
    return [page for page in group.pages if (page.company, page.code) == (company, code)]


def _change(group: Group, page: Page, **fields: object) -> None:
    group.pages[group.pages.index(page)] = replace(page, **fields)  # type: ignore[arg-type]


def _pages(group: Group, plan: Plan) -> None:
    control = "POL-02"
    _change(group, _of(group, "AOI", NOTICE)[-1], text=_OTHER_TEXT)
    plan.fault(control, "AOI", NOTICE, "another text", "公表中の文面が承認版と異なる", aspect="published")
    _change(group, _of(group, "MID", "POLICY")[-1], status=404, text=None)
    waive(group, control, "MID", "POLICY", "サイト移転の作業中。4月2日に復旧予定")
    plan.fault(
        control, "MID", "POLICY", "cannot be reached, waived", "公表頁に到達不能(例外承認あり)", aspect="published"
    )
    group.pages = [page for page in group.pages if page not in _of(group, "AOI", "POLICY")]
    capture(group, "AOI", "POLICY", ago(31), text_of(group, "AOI", "POLICY"))
    plan.near(control, "AOI", "POLICY", "captured 31 days ago", "最終取得からちょうど31日", aspect="published")
    last = _of(group, "MID", NOTICE)[-1]
    _change(group, last, text=_OTHER_TEXT)
    capture(group, "MID", NOTICE, last.at.date(), last.text, hour=18)
    plan.near(control, "MID", NOTICE, "corrected the same day", "朝は旧い文面、同じ日の夕方に訂正", aspect="published")


def _new_versions(group: Group, plan: Plan) -> None:
    def fault(company: str, days: int, kind: str, note: str) -> None:
        plan.fault("POL-02", company, NOTICE, kind, note, aspect="announced", day=ago(days) + _MISSED)

    renew(group, "MID", 70)
    for page in _of(group, "MID", NOTICE):
        if page.at.date() <= ago(70) + _IN_TIME:
            _change(group, page, text=_OTHER_TEXT)
    fault("MID", 70, "announced after 34 days", "施行から31日を過ぎて公表")
    renew(group, "AOI", 70)
    for page in _of(group, "AOI", NOTICE):
        if page.at.date() < ago(70) + _IN_TIME:
            _change(group, page, text=_OTHER_TEXT)
    capture(group, "AOI", NOTICE, ago(70) + _IN_TIME, text_of(group, "AOI", NOTICE))
    plan.near(
        "POL-02",
        "AOI",
        NOTICE,
        "announced on the 31st day",
        "施行の31日後に公表",
        aspect="announced",
        day=ago(70) + _MISSED,
    )
    current = group.row("documents", company="AOI", document_code=NOTICE, status="effective")
    before: dict[str, Cell] = {
        "document_version": "2.9",
        "status": "superseded",
        "approved_on": ago(91),
        "effective_on": ago(90),
        "reviewed_on": ago(91),
        "sha256_normalised": f"{9:064x}",
    }
    group.add("documents", **(current | before))
    fault("AOI", 90, "replaced unseen", "公表されないまま次の版に置き換えられた")


def _outdated_words(group: Group, plan: Plan) -> None:
    def fault(kind: str, note: str, aspect: str) -> None:
        plan.fault("POL-03", "AOI", "AOI", kind, note, aspect=aspect)

    state(group, "AOI", "条番号", "2-4", "23(5)(iii)")
    fault("old article number", "共同利用の根拠が改正前の23条5項3号", "citation")
    rows = group.registers["document_elements"]
    rows.remove(group.row("document_elements", company="AOI", element="請求種別", value="disclose_provision_record"))
    fault("a request is missing", "第三者提供記録の開示の請求がない", "actions")
    address = group.row("document_elements", company="AOI", element="住所", clause_ref="3-1")
    address["value"] = f"{address['value']} 28階"
    fault("two addresses", "請求先の住所の階が登録と異なる", "address")
    fault("purposes beyond the notice", "台帳に公表外の利用目的(ORG-3-06と同じ記載)", "purposes")


def _unfinished_notice(group: Group, plan: Plan) -> None:
    def fault(kind: str, note: str, aspect: str) -> None:
        plan.fault("POL-03", "MID", "MID", kind, note, aspect=aspect)

    state(group, "MID", "参照", "1-2", "2-3")
    fault("a clause that is not there", "存在しない2-3を参照", "reference")
    group.row("document_elements", company="MID", element="任意性")["confirmed_by"] = None
    fault("an item that nobody confirmed", "任意性の記載を誰も確認していない", "items")
    _read(group, "MID", 366)
    fault("read 366 days ago", "通読から366日", "read_through")


def _read(group: Group, company: str, days: int) -> None:
    row = group.row("attestations", company=company, control_id="POL-03")
    row |= {"question": "read_through", "answered_at": at(ago(days), 10), "expires_on": ago(days - 365)}


def _right_words(group: Group, plan: Plan) -> None:
    def near(company: str, kind: str, note: str, aspect: str) -> None:
        plan.near("POL-03", company, company, kind, note, aspect=aspect)

    _read(group, "AOI", 365)
    near("AOI", "read 365 days ago", "ちょうど365日前の通読", "read_through")
    state(group, "MID", "条番号", "3-1", LAST_DAY_ARTICLE)
    near("MID", "an article on its last day", "本日まで有効な条番号", "citation")
    group.row("purposes", company="MID", category="会員")["published_to_on"] = ago(0)
    near("MID", "published until today", "公表の最終日にあたる利用目的", "purposes")
    near("AOI", "a reference that resolves", "参照先の2-4がある", "reference")
