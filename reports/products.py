"""From what was judged and what is held to the documents: the one place where views are filled.

Everything is read from a window and the store at one moment: the same (company, period, known_at), the same bytes.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from controls.assess import Company, judged_members
from controls.decided import PARAMETERS, Decided
from controls.definition import with_parameters
from controls.engine import run
from controls.loader import Catalogue
from controls.model import Assessment, Control, Gap, Verdict, View
from controls.population import Population
from controls.views import ask
from evidence import ledger
from evidence.border import Border, Known, leaving
from evidence.datasets import catalogue
from evidence.errors import ConfigError, Tampered
from evidence.facts.feeds import LOST
from evidence.facts.window import Window
from evidence.ledger.note import Signer
from evidence.store import Store
from evidence.store.values import FetchedObject, LedgerEntry
from evidence.vault import Digest, StoredObject, Vault
from reports import Document, erasure_list, management_book, oscal, pack, self_check
from reports.coverage import CoverageYear
from reports.drift import drift
from reports.erasure_list import ErasureView
from reports.evidence_index import Evidence, evidence, sources
from reports.management_book import BookView
from reports.pack import recorded
from reports.pack.contents import Contents, Held
from reports.pack.facts import fact_files
from reports.pack.payload import digests, judged_files, payload, register_files
from reports.pack.script import script
from reports.self_check_view import Change, Judged, SelfCheckView, self_check_view

DAMAGED = "the original is damaged, as the ledger says 原本が破損(台帳に記録)"
WITHHELD = "holds records of other companies of the group too 他社の記録を含むため原本は社内で閲覧"


@dataclass(frozen=True, slots=True)
class Materials:
    """What the documents of one company and period are made of."""

    company: str
    company_name: str
    catalogue: Catalogue
    window: Window
    store: Store
    assessments: Sequence[Assessment]  # of this company and period
    before: Sequence[Assessment]  # of the period before
    window_at: Callable[[datetime], Window]  # of this period, as known at another moment
    gaps: Sequence[Gap]  # of this company
    coverage: CoverageYear  # as known when the period was judged
    secret: bytes = field(repr=False)
    met: set[str] | None = None  # notes whose pseudonyms are given in what is made of it
    _borders: dict[datetime, Border] = field(default_factory=dict, init=False, repr=False)

    def window_of(self, moment: datetime) -> Window:
        """The window of this period, as known at a moment."""
        return self.window if moment == self.window.known_at else self.window_at(moment)

    def masked_at(self, moment: datetime) -> Border:
        """What a text of this company becomes outside, by whom was known at a moment."""
        if moment not in self._borders:
            self._borders[moment] = Border(Known.by(self.secret, self.window_of(moment)), self.company, met=self.met)
        return self._borders[moment]

    @property
    def masked(self) -> Border:
        """The same, by whom was known when the period was judged last."""
        return self.masked_at(self.window.known_at)


def self_check_documents(told: Materials) -> list[Document]:
    """The self-check report, as a workbook and as a page."""
    view = _self_check(told)
    return [self_check.workbook(view), self_check.html_page(view)]


def management_book_document(told: Materials) -> Document:
    """The management book as it stood at the end of the period."""
    zone, book = ZoneInfo(told.window.period.zone), catalogue()["book_entries"].with_span()

    def mine(rows: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
        kept = [row for row in rows if row["company"] == told.company]
        return tuple({k: _shown(v, leaving(told.masked, book.column(k)), zone) for k, v in row.items()} for row in kept)

    risks: dict[str, dict[str, str]] = {}
    for row in told.window.rows("book_risks"):
        risks.setdefault(row["entry_id"], {})[row["stage"]] = row["residual"]
    history = mine(told.window.rows("book_entries", history=True))
    view = BookView(
        company=told.company,
        company_name=told.company_name,
        as_of=told.window.period.as_of,
        known_at=told.window.known_at.astimezone(zone),
        entries=mine(told.window.rows("book_entries")),
        risks=risks,
        history=tuple(sorted(history, key=lambda row: (row["entry_id"], row["entered_at"], row["entry_version"]))),
        drift=drift(told.catalogue.controls, told.assessments, told.gaps, told.masked),
    )
    return management_book.workbook(view)


def erasure_list_document(
    window: Window, views: Sequence[View], company: str, name: str, masked: Callable[[str], str]
) -> Document:
    """What a company must erase by the end of the window's period, and what was erased in it."""
    named = {view.name: view for view in views}
    kept, entries = (
        [row for row in ask(named[view], named, window, {}, lookback_days=0).to_pylist() if row["company"] == company]
        for view in ("retention", "active_entries")
    )
    told = [{key: masked(value) if isinstance(value, str) else value for key, value in row.items()} for row in entries]
    erasures = [row for row in window.rows("erasures") if row["company"] == company]
    found = erasure_list.due(told, kept, erasures, window.period)
    known_at = window.known_at.astimezone(ZoneInfo(window.period.zone))
    return erasure_list.workbook(ErasureView(company, name, window.period, known_at, tuple(found)))


def pack_path(told: Materials, path: Path, *, raw: bool) -> Path:
    """Where a pack is written: at ``path``, or in it under the scope's name when it is a folder."""
    return path / f"{_scope(told, raw=raw).name}.zip" if path.is_dir() else path


def write_pack(
    told: Materials, vault: Vault, settings: Mapping[str, Any], path: Path, signer: Signer, *, raw: bool,
    record: Callable[[Path], object], authority: bytes | None = None,
) -> None:  # fmt: skip
    """Write the evidence pack of the newest checkpoint; ConfigError when there is none, or no such judgement in it.

    It has its name once it is on ``record``.

    Where that was stamped by the ``authority`` with these certificates, stamp and certificates go with it.
    """
    log = ledger.log_of(told.company)
    with told.store.read() as tx:
        head = tx.checkpoints.latest(log)
        if head is None:
            raise ConfigError(f"{log} has no checkpoint yet; make one with `tenken ledger checkpoint`")
        entries, stamp = tx.ledger.leaves(log, head[0]), tx.timestamps.good(log, head[0])
    window_at = cache(told.window_of)
    contents = _contents(told, vault, settings, entries, window_at, raw=raw)
    _as_judged(told, entries, contents, window_at, raw=raw)
    judged_by = {str(control.id): control for control in contents.controls}
    facts = fact_files(told.assessments, judged_by, contents.populations, window_at, contents.masked_at)
    company = Company(told.company, settings["company"]["tolerance_percent"])
    tags = {"reperform.sql": script(company, told.window.period, told.assessments, judged_by).encode()}
    if stamp and stamp.token and authority:
        tags |= {"checkpoint.tsr": stamp.token, "tsa-chain.pem": authority}
    files, leaves = chain(payload(contents), facts), [entry.leaf for entry in entries]
    pack.write(path, _scope(told, raw=raw), files, leaves, head[1], signer, tags, record)


def _oscal(told: Materials, *, raw: bool) -> Document:
    window = told.window
    at = window.known_at.astimezone(ZoneInfo(window.period.zone))
    masked = recorded.unmasked if raw else told.masked
    return oscal.assessment_results(
        told.company, told.company_name, window.period, at, told.catalogue.controls, told.assessments, masked
    )


def _scope(told: Materials, *, raw: bool) -> pack.Scope:
    period = told.window.period
    return pack.Scope(
        told.company, told.company_name, period.since, period.as_of, told.window.known_at, raw,
        tuple(one.control for one in told.assessments),
    )  # fmt: skip


def _contents(
    told: Materials, vault: Vault, settings: Mapping[str, Any], entries: Sequence[LedgerEntry],
    window_at: Callable[[datetime], Window], *, raw: bool,
) -> Contents:  # fmt: skip
    zone = ZoneInfo(told.window.period.zone)
    objects = _held(told, vault, entries, raw=raw)
    return Contents(
        company=told.company,
        title=_scope_text(told, raw=raw),
        known_at=told.window.known_at.astimezone(zone),
        controls=_as_judged_by(told),
        assessments=told.assessments,
        populations=_populations(told, window_at),
        evidence=_index(told, objects) if raw else _evidence(told, named=False),
        objects=objects,
        registers=recorded.registers(told.window, told.company),
        gaps=told.gaps,
        ledger=entries,
        documents=[*self_check_documents(told), management_book_document(told), _oscal(told, raw=raw)],
        settings=settings,
        readings=_readings(told, entries, objects),
        raw=raw,
        masked=recorded.unmasked if raw else told.masked,
        masked_at=(lambda _: recorded.unmasked) if raw else told.masked_at,
    )


def _held(told: Materials, vault: Vault, entries: Sequence[LedgerEntry], *, raw: bool) -> list[Held]:
    """Every object that an entry of the ledger commits to; a raw pack has the bytes, but for what is not its own."""
    mine = (ledger.GROUP, ledger.log_of(told.company))
    with told.store.read() as tx:
        fetched = {_commitment(one): one for one in tx.objects.visible(tx.at) if one.salt}
        damaged = tx.objects.damaged()  # on record; another that does not verify is refused
        others = [entry for log in tx.ledger.logs() if raw and log not in mine for entry in tx.ledger.leaves(log)]
    shared = {c for entry in others for c in ledger.commitments_of(entry.leaf)}
    committed = {one: number for number, entry in enumerate(entries) for one in ledger.commitments_of(entry.leaf)}
    erased = {one for entry in entries for one in ledger.erased_of(entry.leaf)}
    held = []
    for number, (commitment, entry) in enumerate(committed.items(), start=1):
        if commitment in erased:
            continue
        if (one := fetched.get(commitment)) is None:
            raise Tampered(f"{ledger.log_of(told.company)}: an object that the ledger commits to is not in the store")
        if one.digest not in damaged:
            vault.verify(Digest(one.digest))
        stored, place = StoredObject(Digest(one.digest), one.size, vault), f"06_raw/{number:06d}.bin"
        if not raw:
            held.append(Held(one, stored, entry, None))
        elif commitment in shared or one.digest in damaged:
            held.append(Held(one, stored, entry, None, WITHHELD if commitment in shared else DAMAGED))
        else:
            held.append(Held(one, stored, entry, place))
    return held


def _readings(told: Materials, entries: Sequence[LedgerEntry], objects: Sequence[Held]) -> dict[str, bytes]:
    """How the objects were read that a pack has, by the digest that the ledger has of it."""
    has = {_commitment(held.fetched) for held in objects if held.file}
    of_these = (entry.leaf for entry in entries if has.intersection(ledger.commitments_of(entry.leaf)))
    named = {str(digest) for leaf in of_these if (digest := json.loads(leaf).get("reading"))}
    with told.store.read() as tx:
        kept = {digest: tx.readings.body(digest) for digest in named}
    if lost := sorted(digest for digest, body in kept.items() if body is None):
        raise Tampered(f"{ledger.log_of(told.company)}: how objects were read ({lost[0]}) is not in the store")
    return {digest: body for digest, body in kept.items() if body is not None}


def _index(told: Materials, objects: Sequence[Held]) -> list[Evidence]:
    """The evidence of a raw pack by its own names, but for what is withheld: the name of a file may be a person's."""
    withheld = {held.fetched.digest for held in objects if held.withheld}
    lines = zip(_evidence(told, named=True), _evidence(told, named=False), strict=True)
    return [hidden if named.line.sha256 in withheld else named for named, hidden in lines]


def _populations(told: Materials, window_at: Callable[[datetime], Window]) -> dict[str, Population]:
    """The members that each assessment counted, as they were known when it was made."""
    return {
        one.control: judged_members(one, run(_as_assessed(told, one), window_at(one.known_at)))
        for one in told.assessments
    }


def _as_assessed(told: Materials, one: Assessment) -> Control:
    """The control with the thresholds that it was judged by."""
    control, kept = told.catalogue.control(one.control), one.parameters
    return with_parameters(
        control, {p.name: _like(p.value, kept[p.name]) for p in control.parameters if p.name in kept}
    )


def _as_judged_by(told: Materials) -> list[Control]:
    """All controls, those that were judged with the thresholds they were judged by."""
    judged = {one.control: one for one in told.assessments}
    return [_as_assessed(told, judged[c.id]) if c.id in judged else c for c in told.catalogue.controls]


def _like(value: object, kept: Any) -> object:
    """A threshold as the catalogue holds one; an assessment keeps lists as lists, and decimals as text."""
    if isinstance(value, tuple):
        return tuple(kept)
    return Decimal(str(kept)) if isinstance(value, Decimal) else kept


def _changes(told: Materials, one: Assessment) -> dict[str, Change]:
    """What the group or the company changed of the thresholds of a control, by parameter."""
    decided = Decided(told.window.rows(PARAMETERS))
    base = {p.name: p.value for p in told.catalogue.control(one.control).parameters}
    return {
        name: Change(row["change_id"], row["approved_on"], base[name], row["entered_at"] >= told.window.period.until_at)
        for name, row in decided.changes(one.control, told.company).items()
        if name in base
    }


def _as_judged(
    told: Materials, entries: Sequence[LedgerEntry], contents: Contents, window_at: Callable[[datetime], Window],
    *, raw: bool,
) -> None:  # fmt: skip
    """Refuse to seal what is not what the ledger says was judged: the pack would not verify."""
    shown = digests(register_files(contents.registers, contents.masked))
    for one in told.assessments:
        shown |= digests(judged_files(one, contents.populations[one.control], contents.masked_at(one.known_at)))
        control = _as_assessed(told, one)
        if control.digest != one.control_digest:
            raise ConfigError(f"{one.control} was judged by another definition; judge again with `tenken check`")
        if _has_lost(one, control, window_at(one.known_at)):
            raise ConfigError(
                f"what {one.control} reads was damaged, or mended, since it was judged; judge again with `tenken check`"
            )
    newest = recorded.newest((entry.leaf for entry in entries), told.window.period)
    kept = {path: both[1 if raw else 0] for path, both in newest.items()}
    if other := sorted(path for path in shown.keys() | kept.keys() if shown.get(path) != kept.get(path)):
        raise ConfigError(
            f"{other[0]} ({len(other)} in all) is not as the ledger recorded it when {told.company} was judged; "
            "judge again with `tenken check`, and look at `tenken ledger verify` if nobody changed anything"
        )


def _has_lost(one: Assessment, control: Control, window: Window) -> bool:
    """Whether other evidence can be read than when it was judged: judged again, it would come out otherwise."""
    if one.verdict is Verdict.NOT_APPLICABLE or (one.cause or "").startswith("test:"):
        return False
    doubt = window.doubt(one.company, control.datasets, lookback_days=control.lookback_days)
    now = doubt.why if doubt else ""
    return (one.reason or "") != now and any(text.endswith(tuple(LOST.values())) for text in (one.reason or "", now))


def _commitment(one: FetchedObject) -> str:
    return ledger.commitment(bytes.fromhex(one.salt), bytes.fromhex(one.digest)).hex()


def _self_check(told: Materials) -> SelfCheckView:
    window = told.window
    zone = ZoneInfo(window.period.zone)
    departments = [(r["department"], r["name"]) for r in window.rows("org_units") if r["company"] == told.company]
    findings = [r for r in window.rows("findings") if r["company"] == told.company]
    return self_check_view(
        Judged(
            company=told.company,
            company_name=told.company_name,
            measures=list(told.catalogue.measures.items()),
            controls=_as_judged_by(told),
            assessments=told.assessments,
            changes={one.control: _changes(told, one) for one in told.assessments},
            before=told.before,
            gaps=told.gaps,
            departments=sorted(departments),
            findings=findings,
            evidence=[one.line for one in _evidence(told, named=False)],
            coverage=told.coverage,
            known_at=window.known_at.astimezone(zone),
            masked=told.masked,
        )
    )


def _evidence(told: Materials, *, named: bool) -> tuple[Evidence, ...]:
    window = told.window
    with told.store.read() as tx:
        written, doubts = tx.registers.written(window.known_at, told.company), window.doubts
        objects = tx.objects.visible(window.known_at, sources(told.company, doubts.feeds, written))
    return evidence(
        told.company, window.period.zone, told.catalogue.controls, doubts.feeds, doubts.runs, objects, written,
        doubts.files, named=named,
    )  # fmt: skip


def _shown(value: Any, masked: Callable[[str], str], zone: ZoneInfo) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, list):
        return [masked(one) for one in value]
    return value.astimezone(zone) if hasattr(value, "astimezone") else value


def _scope_text(told: Materials, *, raw: bool) -> str:
    period = told.window.period
    kind = "原本を含む(個人情報)" if raw else "仮名化(原本を含まない)"
    controls = "、".join(one.control for one in told.assessments)
    return (
        f"# 監査証跡パック\n\n- 会社: {told.company_name}({told.company})\n"
        f"- 対象期間: {period.since} 〜 {period.as_of}\n"
        f"- データ基準日時: {told.window.known_at.isoformat()}\n- 種別: {kind}\n- 管理策: {controls}\n"
        "- 母集団: 全件(サンプリングなし)\n- 検証方法: VERIFY.txt\n"
    )
