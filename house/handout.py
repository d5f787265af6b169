"""What is handed out: the documents of a company and a period, its lists and its packs."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from evidence import ledger
from evidence.errors import ConfigError
from evidence.period import Period
from evidence.vault.plain import PLAIN, PlainFolder
from house import House, stamps, window
from house.coverage import coverage_at
from house.duties import refuse_alone
from house.heads import checkpoint, succeed
from house.standing import assessments, first_had, gaps
from reports import Document, products
from reports.pack import envelope
from reports.pack.parts import split
from reports.products import Materials

EXPORTED, DELIVERED, REVEALED = "exported", "delivered", "revealed"


@dataclass(frozen=True, slots=True)
class Released:
    """That personal data leaves the house: to whom, for what, and by which two persons."""

    certificate: x509.Certificate  # who holds its key reads them
    purpose: str
    by: str
    approved_by: str

    def told(self, masked: Callable[[str], str]) -> dict[str, object]:
        """How the ledger tells it."""
        return {"actor": masked(self.by), "approver": masked(self.approved_by), "purpose": masked(self.purpose)}


def materials(house: House, company: str, period: Period) -> Materials:
    """What the documents of a company and period are made of, as all stood when it was judged: whenever they are made,
    they are the same. ConfigError when the period was never judged."""
    judged = assessments(house, period, company)
    if not judged:
        raise ConfigError(
            f"{company} was not judged for {period.since} to {period.as_of}; run `tenken check` for it first"
        )
    seen, at = window(house, period, max(one.known_at for one in judged)), first_had(house, judged)
    return Materials(
        company=company,
        company_name=house.settings.company(company).name,
        catalogue=house.catalogue,
        window=seen,
        store=house.store,
        assessments=judged,
        before=assessments(house, period.before, company, at),
        window_at=lambda moment: window(house, period, moment),
        gaps=gaps(house, company, at),
        coverage=coverage_at(house, seen, company, at),
        secret=house.keys().secret,
    )


def self_check_documents(house: House, company: str, period: Period) -> list[Document]:
    """The self-check report of a company and period: workbook and page."""
    return products.self_check_documents(materials(house, company, period))


def management_book(house: House, company: str, period: Period) -> Document:
    """The management book of a company as it stood at the end of a period."""
    return products.management_book_document(materials(house, company, period))


def create_pack(
    house: House,
    company: str,
    period: Period,
    path: Path,
    *,
    raw: bool = False,
    by: str | None = None,
    purpose: str = "",
) -> str:
    """Write an evidence pack at ``path`` (a folder: named after its scope) and record it, with who wanted it for what
    where somebody told; the path written."""
    told = materials(house, company, period)
    log = ledger.log_of(company)
    sign_what_is_shown(house, log)
    target, masked = products.pack_path(told, path, raw=raw), house.masking(company)
    wanted = {"actor": masked(by) if by else "tenken"} | ({"purpose": masked(purpose)} if purpose else {})

    def record(made: Path) -> None:
        tell(house, log, {"kind": EXPORTED, **wanted, "pack": digest(made), "raw": raw})

    write(house, told, target, record, raw=raw)
    return str(target)


def write(house: House, told: Materials, target: Path, record: Callable[[Path], object], *, raw: bool) -> None:
    """Write the pack of these materials, which has its name once it is on record."""
    shown = house.settings.model_dump(mode="json", exclude={"companies", "database", "notices", "portal"})
    shown["company"] = house.settings.company(told.company).model_dump(mode="json")
    signer, authority = succeed(house, ledger.log_of(told.company)), stamps.chain(house)
    products.write_pack(told, house.vault, shown, target, signer, raw=raw, record=record, authority=authority)


def deliver_raw(
    house: House, company: str, period: Period, path: Path, released: Released, largest: int = envelope.LARGEST
) -> list[Path]:
    """Write a pack with the objects as received, unmasked, encrypted to its recipient: ``….zip.p7m``, or
    ``….zip.001.p7m`` and so on when it is larger than ``largest`` bytes; the files written.

    ConfigError when the two persons are one or not there.
    """
    refuse_alone(house, released.by, released.approved_by, released.purpose)
    folder = folder_of(path)
    with PlainFolder(house.home / PLAIN).room() as private:
        plain = Path(create_pack(house, company, period, private, raw=True))
        told = {"kind": DELIVERED, **released.told(house.masking(company)), "pack": digest(plain)}
        if not path.is_dir():
            plain = plain.rename(private / path.name.removesuffix(envelope.SUFFIX))
        parts = split(plain, min(largest, envelope.LARGEST))
        return send(house, company, told, released.certificate, parts, folder)


def folder_of(path: Path) -> Path:
    """The folder that something is written into, be it named itself; ConfigError when it is not there."""
    folder = path if path.is_dir() else path.parent
    if not folder.is_dir():
        raise ConfigError(f"{path}: there is no folder to write it into; make it first")
    return folder


def send(
    house: House,
    company: str,
    told: Mapping[str, object],
    certificate: x509.Certificate,
    files: Sequence[Path],
    to: Path,
) -> list[Path]:
    """Encrypt files to a recipient into a folder, as ``….p7m``; they have their names once the ledger tells of them."""
    coming = [to / f"{one.name}{envelope.SUFFIX}.part" for one in files]
    try:
        for plain, sealed in zip(files, coming, strict=True):
            envelope.encrypt(plain, certificate, sealed)
        told = {**told, "delivered": [digest(one) for one in coming], "recipient": envelope.fingerprint(certificate)}
        tell(house, ledger.log_of(company), told)
        return [one.rename(one.with_suffix("")) for one in coming]
    finally:
        for one in coming:
            one.unlink(missing_ok=True)


def tell(house: House, log: str, told: Mapping[str, object]) -> None:
    """Put down in a company's log what was handed out."""
    with house.store.write() as tx:
        tx.ledger.append(log, dict(told), f"{told['kind']}|{log}|{tx.at.isoformat()}")


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sign_what_is_shown(house: House, log: str) -> None:
    """Sign the head of a log when what a pack shows is not under the last signed one."""
    if _unsigned(house, log):
        checkpoint(house)


def _unsigned(house: House, log: str) -> bool:
    """Whether anything but exports and time stamps was written since the last signed head: a pack must cover what it
    shows."""
    with house.store.read() as tx:
        head = tx.checkpoints.latest(log)
        later = tx.ledger.leaves(log, since=head[0] if head else 0)
    return head is None or any(
        json.loads(entry.leaf)["kind"] not in (EXPORTED, DELIVERED, REVEALED, stamps.KIND) for entry in later
    )
