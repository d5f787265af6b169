"""Planted in the management book and around it: ORG-3-02 and ORG-3-04."""

from datetime import date

from demo.book import entry
from demo.days import ago, at
from demo.group import Group, copied
from demo.plan import Plan
from demo.systems import register
from demo.values import Cell, Host, Worker
from demo.vendors import vendor

_CRM: dict[str, Cell] = {"system_ids": ("SYS-CRM",)}
_WMS: dict[str, Cell] = {"system_ids": ("SYS-WMS",)}
_PROVIDED: dict[str, Cell] = {
    "provided": "consent",
    "consent_ref": "利用規約同意 第5版",
    "recipient_ids": ("REC-01",),
    "provision_details": "氏名・連絡先を暗号化したウェブシステムで提供",
}
_NAMED_NUMBER: dict[str, Cell] = {
    **_CRM,
    "items": ("氏名", "個人番号"),
    "my_number": True,
    "zone_ids": ("Z-AOI-MYN",),
    "access_group": "GRP-AOI-MYN",
}
_SPECIAL_CARE: dict[str, Cell] = {
    "special_care": True,
    "special_care_kinds": ("病歴",),
    "special_care_basis": "本人の書面同意",
    "consent_ref": "同意書 第1版",
}


def plant(group: Group, plan: Plan) -> None:
    """Plant entries that break one rule each, entries on the edge, and what the book does not know."""
    _empty_cells(group, plan)
    _broken_entries(group, plan)
    _broken_parties(group, plan)
    _entries_on_the_edge(group, plan)
    _unknown_to_the_book(group, plan)
    _rightly_unknown(group, plan)


def _broken(group: Group, plan: Plan, company: str, rule: str, note: str, **fields: Cell) -> str:
    department, base = ("AOI-SAL", _CRM) if company == "AOI" else ("MID-OPS", _WMS)
    made = entry(
        group, company, department, f"{rule} 検証用名簿 {group.number('trial')}", "営業", "会員", **(base | fields)
    )
    plan.fault("ORG-3-02", company, str(made["entry_id"]), rule, note)
    return str(made["entry_id"])


def _empty_cells(group: Group, plan: Plan) -> None:
    """One required cell left empty in each entry."""

    def fault(company: str, note: str, **fields: Cell) -> None:
        _broken(group, plan, company, "BK-01", note, **fields)

    fault("AOI", "取得時の措置が空", notice_ref=None)
    fault("MID", "保管方法が空", protection=None)
    fault("AOI", "次回期限が空", next_due_on=None)
    fault("MID", "部門承認日が空", department_approved_on=None)
    fault("AOI", "件数が空", volume=None)
    fault("MID", "保管国が空", countries=())
    fault("AOI", "要配慮ありだが種類が空", items=("氏名", "病歴"), **(_SPECIAL_CARE | {"special_care_kinds": ()}))
    fault("MID", "開示等の対象外だが理由が空", dsar_scope=False)


def _broken_entries(group: Group, plan: Plan) -> None:
    def fault(company: str, rule: str, note: str, **fields: Cell) -> str:
        return _broken(group, plan, company, rule, note, **fields)

    unknown = fault("AOI", "BK-02", "公表していない利用目的コード", purposes=("P01", "P99"))
    plan.fault("ORG-3-06", "AOI", unknown, "purpose unknown", "公表していない利用目的コード")
    fault("MID", "BK-03", "保管期間の起算点なし", retention_start=None)
    endless = fault("AOI", "BK-03", "保管期間の定めなし", retention_months=None)
    plan.fault("ORG-3-05", "AOI", endless, "no length", "保管期間の定めがなく、期限内と言えない")
    hidden = fault("AOI", "BK-04", "健康診断を含むのに要配慮の表示なし", items=("氏名", "健康診断"))
    plan.fault("ORG-3-06", "AOI", hidden, "special care unmarked", "健康診断を含むのに要配慮の表示なし")
    groundless = fault(
        "MID",
        "BK-05",
        "要配慮ありだが同意・例外の根拠なし",
        items=("氏名", "病歴"),
        special_care=True,
        special_care_kinds=("病歴",),
    )
    plan.fault("ORG-3-06", "MID", groundless, "special care without basis", "要配慮ありだが同意・例外の根拠なし")
    mixed = fault("AOI", "BK-06", "個人番号が通常の項目と同じ行", items=("氏名", "住所", "電話番号", "個人番号"))
    plan.fault("ORG-3-06", "AOI", mixed, "My Number in a mixed entry", "個人番号が通常の項目と同じ行")
    flagged = entry(group, "AOI", "AOI-SAL", "個人番号と氏名の名簿", "営業", "会員", **_NAMED_NUMBER)
    note = "特定個人情報と表示した行は分離した行。番号は氏名と組になって初めて特定個人情報となる"
    plan.near("ORG-3-02", "AOI", str(flagged["entry_id"]), "BK-06", note)
    plan.near("ORG-3-06", "AOI", str(flagged["entry_id"]), "My Number apart", "個人番号の専用の区域と権限で扱う")
    fault("MID", "BK-07", "同意による提供だが提供先が空", **(_PROVIDED | {"recipient_ids": ()}))
    fault("AOI", "BK-24", "提供する項目・手段が未確認のまま承認", **(_PROVIDED | {"provision_details": None}))
    fault("MID", "BK-20", "職安法指針の項目を扱う必要性の記載なし", esl_restricted=True)
    fault("AOI", "BK-08", "国別評価のない国で保管", countries=("JP", "BR"), foreign_route="契約による相当措置")
    beyond = fault("MID", "BK-10", "共同利用の範囲にない項目", scope_ids=("S1",), items=("氏名", "生年月日"))
    plan.fault("TPP-04", "MID", beyond, "BK-10", "共同利用の範囲にない項目", aspect="entry:S1")
    fault(
        "AOI",
        "BK-10",
        "共同利用の対象期間より前に取得",
        scope_ids=("S1",),
        items=("氏名",),
        collected_from_on=date(2013, 4, 1),
        collected_to_on=date(2015, 9, 30),
    )
    officer = group.posts["AOI", "cpo"]
    fault("AOI", "BK-11", "起案者が自ら承認", author_key=officer)
    gone = _historic_leaver(group, "MID", "MID-OPS")
    fault("MID", "BK-11", "責任者が退職済", owner_key=gone.no)
    fault("AOI", "BK-13", "電子媒体なのに裁断", disposal="shred")
    overdue = fault("MID", "BK-15", "最終確認から366日", confirmed_on=ago(366), next_due_on=ago(1))
    plan.fault("ORG-3-03", "MID", overdue, "366 days", "最終確認から366日", aspect="confirmation")
    fault("AOI", "BK-17", "第三者提供の利用履歴を突合、同意確認なし", usage_log_match="third_party")


def _historic_leaver(group: Group, company: str, department: str) -> Worker:
    """Somebody who left properly long before the judged days."""
    worker = group.take(company, department)
    return group.leave_company(worker, date(2025, 10, 31))


def _broken_parties(group: Group, plan: Plan) -> None:
    ended = vendor(group, "AOI", "T3", status="ended", ended_on=ago(100), audit=False)
    made = entry(
        group, "AOI", "AOI-SAL", "取引終了先への委託名簿", "営業", "会員", **_CRM, vendor_ids=(str(ended["vendor_id"]),)
    )
    plan.fault("ORG-3-02", "AOI", str(made["entry_id"]), "BK-09", "終了した委託先を記載")
    plan.fault("ORG-3-04", "AOI", str(made["entry_id"]), "entry with an ended vendor", "台帳の委託先が終了済")
    plan.near("VEN-04", "AOI", str(ended["vendor_id"]), "an ended vendor", "終了した委託先に監査は不要")
    unsigned = vendor(group, "MID", "T2", contract=False)
    made = entry(
        group,
        "MID",
        "MID-SUP",
        "契約のない委託先の名簿",
        "受付",
        "会員",
        **_WMS,
        vendor_ids=(str(unsigned["vendor_id"]),),
    )
    plan.fault("ORG-3-02", "MID", str(made["entry_id"]), "BK-09", "契約のない委託先を記載")
    plan.fault("VEN-02", "MID", str(unsigned["vendor_id"]), "no contract", "契約なしで委託")
    old = Host(
        "SYS-OLD", "MID", "MID-OPS", None, "none", fields={"name": "旧配送管理", "retired_on": date(2025, 12, 26)}
    )
    register(group, old)
    made = entry(group, "MID", "MID-OPS", "旧配送管理の名簿", "配送手配", "会員", system_ids=("SYS-OLD",))
    plan.fault("ORG-3-02", "MID", str(made["entry_id"]), "BK-12", "廃止したシステムを記載")
    plan.fault("ORG-3-04", "MID", str(made["entry_id"]), "entry with a retired system", "台帳のシステムが廃止済")


def _entries_on_the_edge(group: Group, plan: Plan) -> None:
    def near(company: str, rule: str, note: str, **fields: Cell) -> str:
        department, base = ("AOI-SAL", _CRM) if company == "AOI" else ("MID-OPS", _WMS)
        made = entry(group, company, department, f"{rule} 境界の名簿", "営業", "会員", **(base | fields))
        plan.near("ORG-3-02", company, str(made["entry_id"]), rule, note)
        return str(made["entry_id"])

    near("AOI", "BK-15 365", "最終確認からちょうど365日", confirmed_on=ago(365), next_due_on=ago(0))
    uncounted = near(
        "MID",
        "BK-01",
        "必須でない欄だけが空",
        consent_ref=None,
        use_until=None,
        ml_use=None,
        collected_from_on=None,
        collected_to_on=None,
        oldest_on=None,
        doc_refs=(),
        provenance=None,
        provenance_refs=(),
    )
    plan.fault("ORG-3-05", "MID", uncounted, "oldest day unknown", "最古データ日が分からず、期限内と言えない")
    near("MID", "BK-14", "件数の時点が400日前(警告であって誤りではない)", volume_on=ago(400))
    near("AOI", "BK-03", "法定の保存期間", retention_law="電子帳簿保存法", statutory_until_on=ago(-400))
    near(
        "MID",
        "BK-05",
        "要配慮で同意の根拠あり",
        items=("氏名", "病歴"),
        **_SPECIAL_CARE,
    )
    near(
        "AOI",
        "BK-17",
        "第三者提供の利用履歴を突合、同意あり",
        usage_log_match="third_party",
        consent_ref="クッキー同意 第2版",
    )
    near("AOI", "BK-07", "同意による提供で提供先・項目・根拠がそろう", **_PROVIDED)
    near("MID", "BK-20", "職安法指針の項目だが必要性を記載", esl_restricted=True, esl_reason="通勤手当の算定")
    near("AOI", "BK-10", "共同利用の範囲内", scope_ids=("S1",), items=("氏名", "メールアドレス"))
    near("MID", "BK-08", "評価済の国で保管し根拠あり", countries=("JP", "SG"), foreign_route="契約による相当措置")
    near(
        "AOI",
        "draft",
        "下書きは対象外",
        status="draft",
        purposes=("P99",),
        approved_by=None,
        approved_on=None,
        confirmed_on=ago(800),
    )
    near("MID", "abolished", "廃止した記載は対象外", status="abolished", retention_start=None, confirmed_on=ago(800))
    abolished = group.registers["book_entries"][-1]
    group.add(
        "erasures",
        company="MID",
        department="MID-OPS",
        erasure_id=group.number("erasure", "ER-{:04d}"),
        reason="retention",
        ref_id=abolished["entry_id"],
        due_on=ago(60),
        done_on=ago(70),
        method="論理消去と媒体破壊",
        count_before=120,
        count_after=0,
        backup_expires_on=ago(40),
        confirmed_by=group.posts["MID-OPS", "dept_privacy_manager"],
        confirmed_on=ago(65),
    )


def _unknown_to_the_book(group: Group, plan: Plan) -> None:
    control = "ORG-3-04"
    plan.fault(control, "AOI", "SYS-LNX", "system without entry", "個人情報を持つシステムが台帳にない")
    stranger = group.take("AOI", "AOI-SAL")
    group.visit(stranger, "SYS-CRM", at(date(2026, 3, 12), 14, 10), store="DB-CRM-TMP", rows=8)
    plan.fault(control, "AOI", "DB-CRM-TMP", "store in the log without entry", "登録のないデータベースがログに現れた")
    kept = copied(group.row("data_stores", db_id="DB-WMS-SHP"))
    group.add("data_stores", **(kept | {"db_id": "DB-WMS-CPN"}))
    packer = group.take("MID", "MID-OPS")
    group.visit(packer, "SYS-WMS", at(date(2026, 3, 12), 11, 40), store="DB-WMS-CPN", rows=8)
    plan.fault(control, "MID", "DB-WMS-CPN", "registered store without entry", "登録済だが台帳にないデータベース")
    forgotten = vendor(group, "AOI", "T3")
    plan.fault(control, "AOI", str(forgotten["vendor_id"]), "vendor without entry", "個人情報を扱う委託先が台帳にない")


def _rightly_unknown(group: Group, plan: Plan) -> None:
    control = "ORG-3-04"
    sign = Host(
        "SYS-SIGN", "AOI", "AOI-MKT", None, "none", fields={"name": "館内案内表示", "holds_personal_data": False}
    )
    register(group, sign)
    plan.near(control, "AOI", "SYS-SIGN", "no personal data", "個人情報を持たないシステム")
    plan.near("ORG-2-01", "AOI", "SYS-SIGN", "no personal data", "個人情報を持たないシステムに収集器は不要")
    gone = Host("SYS-GONE", "AOI", "AOI-MKT", None, "none", fields={"name": "旧懸賞管理", "retired_on": ago(90)})
    register(group, gone)
    plan.near(control, "AOI", "SYS-GONE", "retired", "廃止済のシステムに台帳は不要")
    asked = vendor(group, "AOI", "T2", status="candidate", contract=False, audit=False)
    plan.near(control, "AOI", str(asked["vendor_id"]), "a candidate", "候補の委託先に台帳は不要")
    plan.near("VEN-04", "AOI", str(asked["vendor_id"]), "a candidate", "候補の委託先に監査は不要")
    plan.near("VEN-02", "AOI", str(asked["vendor_id"]), "a candidate", "データの流れがない候補先")
    later = Host(
        "SYS-SOON",
        "MID",
        "MID-ADM",
        None,
        "none",
        fields={"name": "来期廃止の名簿", "retired_on": ago(-30), "holds_personal_data": False},
    )
    register(group, later)
    made = entry(group, "MID", "MID-ADM", "来期廃止の名簿", "総務", "来訪者", system_ids=("SYS-SOON",))
    plan.near(control, "MID", str(made["entry_id"]), "retires next month", "廃止予定だが稼働中のシステム")
    plan.near("ORG-3-02", "MID", str(made["entry_id"]), "retires next month", "廃止予定だが稼働中のシステム")
