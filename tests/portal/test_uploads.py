"""Files that are brought: read of nobody who may not bring one, two at a time, neither for ever nor without end; each
person's one after the other."""

import select
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPResponse
from pathlib import Path

import anyio
import pytest
import requests
from starlette.requests import Request

import portal.door
import portal.forms
from portal.door import Door, Lane, Room
from portal.forms import Form, form_of
from tests.portal.attacking import another_window, calling
from tests.portal.gate import newcomer
from tests.portal.served import NOW, Served, Visitor, code_of, served
from tests.portal.sheets import rows

VENDORS = "/AOBA/registers/vendors"
HEADER = "会社,部門,委託先ID,委託先の名称,委託先の区分,取引の状態,個人情報の取扱い,個人情報の項目"
LONG = 1 << 30  # bytes that a request says it will send
A_WHILE = 0.5  # seconds in which an answer would have come that is not waited for
LIMIT = 1 << 15  # bytes
MANY = 1_000  # rows: more bytes than that


def vendors(first: int, count: int = 1) -> bytes:
    """A sheet of vendors that all may be taken."""
    told = [f"AOBA,D2,V-{n},印刷所{n},T2,取引中,はい,氏名" for n in range(first, first + count)]
    return "\n".join((HEADER, *told, "")).encode("utf-8-sig")


@dataclass(slots=True)
class Upload:
    """A request that brings a file, of which not all was sent yet."""

    line: socket.socket
    rest: bytes

    def go_on(self, count: int) -> None:
        self.line.sendall(self.rest[:count])
        self.rest = self.rest[count:]

    def finish(self) -> requests.Response:
        self.go_on(len(self.rest))
        return self.answer()

    def is_answered(self, within: float = 60) -> bool:
        return bool(select.select([self.line], [], [], within)[0])

    def answer(self) -> requests.Response:
        read, told = HTTPResponse(self.line), requests.Response()
        read.begin()
        told.status_code, told._content = read.status, read.read()
        return told


@dataclass(slots=True)
class Bringing:
    """Uploads by lines of their own, and how much of them the portal reads."""

    door: Served
    lines: list[socket.socket] = field(default_factory=list)
    read: list[object] = field(default_factory=list)  # forms with a file that it began to read
    lane: list[anyio.CapacityLimiter] = field(default_factory=list)

    def begin(
        self, who: Visitor, sheet: bytes, path: str = VENDORS, origin: str = "", length: int = 0, chunked: bool = False
    ) -> Upload:
        """The head of a request and a little of its body."""
        token = who.token() if who.number else ""
        told = requests.Request(
            "POST", self.door.origin + path, {"Origin": origin or self.door.origin}, {"file": ("v.csv", sheet)},
            {"token": token, "do": "in", "reason": "更新"}, cookies=who.browser.cookies,
        ).prepare()  # fmt: skip
        body = told.body if isinstance(told.body, bytes) else b""
        told.headers["Content-Length"] = str(length or len(body))
        if chunked:
            del told.headers["Content-Length"]
            told.headers["Transfer-Encoding"] = "chunked"
            body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        head = "".join(": ".join(map(str, one)) + "\r\n" for one in told.headers.items())
        self.lines.append(calling(self.door))
        self.lines[-1].sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode())
        upload = Upload(self.lines[-1], body)
        upload.go_on(32)
        return upload

    def wait(self, read: int, waiting: int = 0) -> None:
        """Until so many are being read, or were, and so many wait for their turn."""
        until = time.monotonic() + 60
        while len(self.read) < read or self.waiting != waiting:
            assert time.monotonic() < until
            time.sleep(0.01)

    @property
    def waiting(self) -> int:
        return self.lane[-1].statistics().tasks_waiting if self.lane else 0


def bringing(door: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bringing]:
    told, sent = Bringing(door), portal.door._sent

    async def noted(request: Request, *, with_file: bool = False) -> Form:
        told.read += [request] if with_file else []
        return await form_of(request, with_file=with_file)

    async def met(room: Room, at: Door, request: Request) -> Form:
        told.lane.append(room.lanes[Lane.BRINGING])
        return await sent(room, at, request)

    monkeypatch.setattr(portal.door, "form_of", noted)
    monkeypatch.setattr(portal.door, "_sent", met)
    yield told
    for line in told.lines:
        line.close()


@pytest.fixture
def uploads(door: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bringing]:
    yield from bringing(door, monkeypatch)


@pytest.fixture
def wide(judged_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bringing]:
    """A portal that reads three files at a time."""
    monkeypatch.setitem(portal.door.WIDTH, Lane.BRINGING, 3)
    with served(judged_home, tmp_path) as door:
        yield from bringing(door, monkeypatch)


@pytest.fixture
def strict(judged_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bringing]:
    """A portal where a password is not enough for who may bring files."""
    with served(judged_home, tmp_path, more=", second_factor: [security_operator]") as door:
        yield from bringing(door, monkeypatch)


@pytest.fixture(scope="module")
def operator(door: Served) -> Visitor:
    return door.visitor("107")


@pytest.fixture(scope="module")
def others(door: Served) -> list[Visitor]:
    return admitted(door)


def admitted(door: Served) -> list[Visitor]:
    """Two more who may bring files."""
    return [newcomer(door, number, "security_operator") for number in ("112", "113")]


OF_NO_RIGHT = {  # who, where, and from which page
    "who has not come in": (None, VENDORS, ""),
    "who only reads": ("109", VENDORS, ""),
    "who may in another company": ("107", "/AOI/registers/vendors", ""),
    "who may, from a page of others": ("107", VENDORS, "https://evil.example"),
    "who asks for no originals": ("107", "/AOBA/originals", ""),
}


@pytest.mark.parametrize("case", OF_NO_RIGHT)
def test_who_may_bring_no_file_is_answered_before_it_is_sent(door: Served, uploads: Bringing, case: str) -> None:
    number, path, origin = OF_NO_RIGHT[case]
    upload = uploads.begin(door.visitor(number), vendors(100), path, origin, LONG)
    assert upload.answer().status_code == 404
    assert uploads.read == []


@pytest.mark.parametrize("case", OF_NO_RIGHT)
def test_control_where_anybody_may_an_answer_waits_for_the_file(
    door: Served, uploads: Bringing, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    monkeypatch.setattr(portal.door, "_may_bring", lambda *_: True)
    number, path, origin = OF_NO_RIGHT[case]
    upload = uploads.begin(door.visitor(number), vendors(100), path, origin)
    uploads.wait(read=1)
    assert not upload.is_answered(A_WHILE)
    assert upload.finish().status_code == 404


def test_who_may_but_came_in_by_a_password_alone_is_answered_before_the_file_is_sent(strict: Bringing) -> None:
    upload = strict.begin(strict.door.visitor("107"), vendors(100), length=LONG)
    while not upload.is_answered(0.1):
        assert strict.read == []
    assert (upload.answer().status_code, strict.read) == (404, [])


def test_control_of_who_proved_it_twice_the_same_file_is_taken(strict: Bringing) -> None:
    operator, code = strict.door.visitor(), code_of(strict.door.enrol("107"), NOW)
    assert operator.come_in("107", code=code).status_code == 303
    upload = strict.begin(operator, vendors(100))
    strict.wait(read=1)
    assert upload.finish().status_code == 200


def test_two_files_are_read_at_a_time_and_nobody_waits_but_who_brings_a_third(
    door: Served, operator: Visitor, others: list[Visitor], uploads: Bringing
) -> None:
    slow = [uploads.begin(one, vendors(n)) for n, one in enumerate(others, start=201)]
    uploads.wait(read=2)
    third = uploads.begin(operator, vendors(203))
    third.go_on(len(third.rest))
    uploads.wait(read=2, waiting=1)
    reader = another_window(operator)
    assert [reader.get(path).status_code for path in ("/", "/AOBA", VENDORS)] == [200, 200, 200]
    assert (third.is_answered(A_WHILE), len(uploads.read)) == (False, 2)
    assert [one.finish().status_code for one in (slow[0], third, slow[1])] == [200, 200, 200]
    assert {"V-201", "V-202", "V-203"} <= {*rows(door.house, "vendors")}


def test_control_where_three_are_read_the_third_waits_for_nobody(wide: Bringing) -> None:
    slow = [wide.begin(one, vendors(n)) for n, one in enumerate(admitted(wide.door), start=201)]
    wide.wait(read=2)
    assert wide.begin(wide.door.visitor("107"), vendors(203)).finish().status_code == 200
    assert not any(one.is_answered(0) for one in slow)


def test_whoever_brings_many_files_waits_for_their_own_and_nobody_else_does(
    door: Served, operator: Visitor, others: list[Visitor], uploads: Bringing
) -> None:
    slow = [uploads.begin(others[0], vendors(n)) for n in (211, 212, 213)]
    uploads.wait(read=1)
    assert uploads.begin(operator, vendors(214)).finish().status_code == 200
    assert not any(one.is_answered(0) for one in slow)
    assert [one.finish().status_code for one in slow] == [200, 200, 200]


def test_the_time_of_a_file_begins_when_it_is_its_turn(
    operator: Visitor, uploads: Bringing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        portal.door, "LONGEST_UPLOAD", 6
    )  # five more than are slept: a busy machine stood still for one
    first, second = uploads.begin(operator, vendors(221)), uploads.begin(operator, vendors(222))
    assert first.is_answered(), "its time is over"
    uploads.wait(read=2)
    time.sleep(1)
    assert second.finish().status_code == 200


def test_a_file_that_drips_past_its_time_is_ended_with_an_answer_and_its_place_is_free(
    door: Served, operator: Visitor, uploads: Bringing, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in (301, 302, 303):  # more than are read at a time
        with monkeypatch.context() as patched:
            patched.setattr(portal.door, "LONGEST_UPLOAD", 1)
            upload = uploads.begin(operator, vendors(n))
            while not upload.is_answered(0.1):
                upload.go_on(1)
            assert upload.rest
            assert upload.answer().status_code == 404
    assert uploads.begin(operator, vendors(304)).finish().status_code == 200
    assert {"V-301", "V-302", "V-303", "V-304"} & {*rows(door.house, "vendors")} == {"V-304"}


def test_control_a_file_that_drips_within_its_time_is_taken(door: Served, operator: Visitor, uploads: Bringing) -> None:
    upload = uploads.begin(operator, vendors(311))
    for _ in range(20):
        assert not upload.is_answered(0.1)
        upload.go_on(1)
    assert upload.finish().status_code == 200
    assert "V-311" in rows(door.house, "vendors")


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
def test_a_file_that_is_too_large_is_answered_where_the_limit_is(
    door: Served, operator: Visitor, uploads: Bringing, monkeypatch: pytest.MonkeyPatch, chunked: bool
) -> None:
    monkeypatch.setattr(portal.forms, "MOST_FILE_BYTES", LIMIT)
    before = rows(door.house, "vendors")
    upload = uploads.begin(operator, vendors(1_000, MANY), chunked=chunked)
    upload.go_on(LIMIT)
    assert upload.rest
    assert upload.answer().status_code == 404
    assert rows(door.house, "vendors") == before


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
def test_control_the_same_file_is_taken_where_the_limit_is_as_it_stands(
    door: Served, operator: Visitor, uploads: Bringing, chunked: bool
) -> None:
    upload = uploads.begin(operator, vendors(3_000 + 2_000 * chunked, MANY), chunked=chunked)
    upload.go_on(LIMIT)
    assert not upload.is_answered(A_WHILE)
    before = len(rows(door.house, "vendors"))
    assert upload.finish().status_code == 200
    assert len(rows(door.house, "vendors")) == before + MANY
