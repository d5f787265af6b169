"""Evidence by browser: every object of a company, whence it came, how whole it is, and the entries that tell of it."""

import os
import re
from datetime import timedelta

from evidence import ledger
from evidence.store.values import FetchedObject
from house import day, open_house
from tests.following import deliver, write
from tests.portal import conftest
from tests.portal.fed import feed
from tests.portal.gate import roster
from tests.portal.served import DAY, OTHERS, PERIOD, Served, Visitor, digest
from tests.test_measured import VENDOR

LIST = "/AOBA/evidence"
door = conftest.own_door


def objects(visitor: Visitor, query: str = "") -> list[str]:
    """The digests of a list, each once."""
    return re.findall(r'<th scope="row"><a href="/AOBA/evidence/(\w{64})', visitor.get(LIST + query).text)


def newest(door: Served) -> list[FetchedObject]:
    """All objects of the house, in the order of their recording."""
    with door.house.store.read() as tx:
        return tx.objects.visible(door.house.clock.now())


def told(text: str) -> dict[str, str]:
    """What a page says of its object."""
    return dict(re.findall(r"<dt>([^<]*)</dt><dd>(?:<code>)?([^<]*)", text))


def test_every_object_that_controls_are_judged_by_is_there_and_none_beside(door: Served) -> None:
    found = objects(door.visitor("109"))
    assert len(found) == len({*found})
    there, rest = ({one.source for one in newest(door) if (one.digest in found) is told} for told in (True, False))
    assert there >= {"hr", "register:vendors", "tenken"}
    assert rest == {"calendar", "register:portal_grants", "tenken"}, "what was judged of the other company is its own"


def test_what_only_another_company_has_is_not_there(door: Served) -> None:
    assert write(door.house, "vendors", VENDOR | {"company": "AOI", "department": "D9", "vendor_id": "V-9"}) == []
    auditor, other = door.visitor("109"), newest(door)[-1].digest
    assert other not in objects(auditor)
    assert auditor.get(f"{LIST}/{other}").status_code == 404


def test_an_object_tells_whence_it_came_and_which_entries_tell_of_it(door: Served) -> None:
    page = door.visitor("109").get(f"{LIST}/{roster(door)}").text
    says = told(page)
    assert says["SHA-256"] == roster(door)
    assert (says["Dataset"], says["Source"], says["Rows"], says["Days"][:10]) == ("Workers", "hr", "13", f"{DAY}")
    found = re.findall(r'<td>(tenken/\w+)</td><td class="n">(\d+)</td><td><code>(\w{64})</code>', page)
    assert found
    with door.house.store.read() as tx:
        salts = [made for _, made in tx.objects.commitments(roster(door))]
        for log, seq, leaf_hash in found:
            entry = tx.ledger.entry(log, int(seq))
            assert entry is not None
            assert entry.leaf_hash.hex() == leaf_hash
            assert {*ledger.commitments_of(entry.leaf)} & {*salts}


def test_what_became_of_an_object_is_told_in_the_readers_words(door: Served) -> None:
    auditor = door.visitor("109")
    pages = [auditor.get(f"{LIST}/{one}", **{"Accept-Language": "ja"}).text for one in objects(auditor)]
    acts = {
        act for page in pages for act in re.findall(r"</td><td>([^<]*)</td><td>[^<]*</td><td>tenken/\w+</td>", page)
    }
    assert acts >= {"収集", "台帳への取込", "判定"}
    assert not any(act.isascii() for act in acts)


def test_rows_that_could_not_be_read_are_told_by_their_places(door: Served) -> None:
    following = DAY.replace(day=DAY.day + 1)
    deliver(door.house, following, also=OTHERS)
    file = door.house.home / "inbox" / "hr" / f"roster_{following:%Y%m%d}.csv"
    stamp = file.stat().st_mtime
    file.write_text(file.read_text("utf-8").replace("2019-04-01", "いつか", 1), "utf-8")
    os.utime(file, (stamp, stamp))
    for _ in day.collect_day(door.house, following):
        pass
    auditor = door.visitor("109")
    [new] = [one for one in objects(auditor, "?dataset=workers") if one != roster(door)]
    page = auditor.get(f"{LIST}/{new}").text
    assert re.findall(r'<td class="n">(\d+)</td><td>([^<]*)</td><td class="t">', page) == [("2", "hired_on")]
    assert "いつか" not in page


def test_a_list_is_narrowed_to_a_dataset(door: Served) -> None:
    auditor = door.visitor("109")
    assert objects(auditor, "?dataset=workers") == [roster(door)]
    assert objects(auditor, "?dataset=no such") == []


def test_who_is_confined_to_a_period_sees_what_tells_of_it_as_it_was_known_when_it_was_judged(door: Served) -> None:
    auditor, outside = door.visitor("109"), door.visitor("EXT-1")
    before = objects(outside, f"?period={PERIOD}")
    assert roster(door) in before
    assert write(door.house, "vendors", VENDOR | {"department": "D9", "vendor_id": "V-9"}) == []
    assert objects(outside, f"?period={PERIOD}") == before
    assert len(objects(auditor)) > len(before)
    assert outside.get(LIST).status_code == 404
    assert auditor.get(LIST + "?period=2020-01-01..2020-01-31").status_code == 404


def test_a_damaged_object_says_so(door: Served) -> None:
    with door.house.store.write() as tx:
        tx.objects.found(roster(door), whole=False)
    assert "It is damaged" in door.visitor("109").get(f"{LIST}/{roster(door)}").text


def test_a_source_that_came_or_went_since_is_seen(door: Served) -> None:
    auditor, audits = door.visitor("109"), "?dataset=vendor_audits"
    pages = "/AOBA/registers/vendor_audits", f"/AOBA/vendors/{digest(['V-2'])}"
    before = objects(auditor, audits)
    shown = [["A-7" in auditor.get(page).text for page in pages]]
    source = feed(door.house.home)
    for _ in day.collect_day(open_house(door.house.home, door.house.clock), DAY + timedelta(days=1), only=["audits"]):
        pass
    shown.append(["A-7" in auditor.get(page).text for page in pages])
    [new] = {*objects(auditor, audits)} - {*before}
    assert told(auditor.get(f"{LIST}/{new}").text)["Source"] == "audits"
    source.unlink()
    assert objects(auditor, audits) == before
    shown.append(["A-7" in auditor.get(page).text for page in pages])
    assert shown == [[False, False], [True, True], [False, False]]


def test_a_source_that_broke_since_ends_what_needs_it_and_nothing_else(door: Served) -> None:
    auditor = door.visitor("109")
    assert auditor.get(LIST).status_code == 200
    path = door.house.home / "sources" / "hr.yaml"
    before = path.read_text("utf-8")
    path.write_text("name: bad\n", "utf-8")
    answer = auditor.get(LIST)
    assert (answer.status_code, "hr.yaml" in answer.text) == (422, True), "it says which file"
    assert auditor.get("/AOBA/registers/vendors/sheet").status_code == 200, "it needs no source"
    path.write_text(before, "utf-8")
    assert auditor.get(LIST).status_code == 200
