"""The fields of a CloudTrail record that are read, and the strict reader that takes them out of one object.

One table says where each field stands: DuckDB's column types and paths are made from it, and so is the reader here.
"""

import json
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from collectors.formats import Reject, Unreadable
from collectors.formats.json_lines import LARGEST, NotStrict, parse
from collectors.formats.text import whole
from evidence.vault import StoredObject

POINTER = "/Records"
USER, SESSION, REQUEST = "userIdentity", "sessionContext", "requestParameters"
PATHS: dict[str, tuple[str, ...]] = {
    "event_id": ("eventID",),
    "event_time": ("eventTime",),
    "event_name": ("eventName",),
    "event_source": ("eventSource",),
    "error_code": ("errorCode",),
    "region": ("awsRegion",),
    "address": ("sourceIPAddress",),
    "read_only": ("readOnly",),
    "receiver": ("recipientAccountId",),
    "user_type": (USER, "type"),
    "user_name": (USER, "userName"),
    "user_account": (USER, "accountId"),
    "principal_id": (USER, "principalId"),
    "arn": (USER, "arn"),
    "invoked_by": (USER, "invokedBy"),
    "issuer": (USER, SESSION, "sessionIssuer", "userName"),
    "session_mfa": (USER, SESSION, "attributes", "mfaAuthenticated"),
    "mfa_used": ("additionalEventData", "MFAUsed"),
    "sign_in": ("responseElements", "ConsoleLogin"),
    "p_name": (REQUEST, "name"),
    "p_trail": (REQUEST, "trailName"),
    "p_bucket": (REQUEST, "bucketName"),
    "p_log": (REQUEST, "logGroupName"),
    "p_role": (REQUEST, "roleName"),
    "p_policy": (REQUEST, "policyArn"),
}


@dataclass(frozen=True, slots=True)
class _Fields:
    shape: str  # the type of Records for DuckDB
    paths: str  # the fields out of one record r


def _shape() -> str:
    tree: dict[str, Any] = {}
    for name, path in PATHS.items():
        node = tree
        for step in path[:-1]:
            node = node.setdefault(step, {})
        # A parameter's own type differs by service: kept as JSON, of which only text is taken.
        node[path[-1]] = "JSON" if name.startswith("p_") else "VARCHAR"
    return f"{_struct(tree)}[]"


def _struct(tree: dict[str, Any]) -> str:
    told = (f'"{name}" {kind if isinstance(kind, str) else _struct(kind)}' for name, kind in tree.items())
    return f"STRUCT({', '.join(told)})"


FIELDS = _Fields(
    _shape(), ", ".join("r." + ".".join(f'"{step}"' for step in path) + f" AS {name}" for name, path in PATHS.items())
)


def records(stored: StoredObject) -> tuple[pa.Table, list[Reject], int]:
    """The fields of every record that is an object, rejects for the others, and how many there are."""
    try:
        document = parse(whole(stored, LARGEST).removeprefix(b"\xef\xbb\xbf"))
    except json.JSONDecodeError as error:
        raise Unreadable(stored, error.lineno, f"not JSON: {error.msg} at character {error.pos + 1}") from error
    except NotStrict as error:
        raise Unreadable(stored, 1, str(error)) from error
    except ValueError as error:
        raise Unreadable(stored, 1, "not JSON in utf-8") from error
    told = document.get("Records") if isinstance(document, dict) else None
    if not isinstance(told, list):
        raise Unreadable(stored, 1, "no array Records: not an object of CloudTrail")
    rejects = [
        Reject(stored.digest, POINTER, line, None, "not an object with fields")
        for line, record in enumerate(told, start=1)
        if not isinstance(record, dict)
    ]
    kept = [(line, record) for line, record in enumerate(told, start=1) if isinstance(record, dict)]
    columns = {
        name: pa.array([_field(record, name, path) for _, record in kept], pa.string()) for name, path in PATHS.items()
    }
    where = {
        "file": pa.array([""] * len(kept), pa.string()),
        "place": pa.array([0] * len(kept), pa.int64()),
        "line": pa.array([line for line, _ in kept], pa.int64()),
    }
    return pa.table(where | columns), rejects, len(told)


def _field(record: Any, name: str, path: tuple[str, ...]) -> str | None:
    for step in path:
        record = record.get(step) if isinstance(record, dict) else None
    if name.startswith("p_"):
        return json.dumps(record, ensure_ascii=False) if isinstance(record, str) else None
    if isinstance(record, bool):
        return "true" if record else "false"
    return record if isinstance(record, str) else None
