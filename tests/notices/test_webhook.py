"""Events posted to another system: signed, in order, once, and nothing of a person in them."""

import json
import re
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from controls.model import GapKind
from evidence.errors import ConfigError
from house import delivery, hook
from house.notify import notices_of, notify
from house.standing import act, gaps
from tests.notices.homes import CRITICAL, MANAGER, Field, impatient
from tests.servers.webhook import Receiver, is_signed

SECRET = "a secret that both sides know"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def hooked(field: Field, receiver: Receiver) -> Field:
    field.notices = {"webhook": {"url": receiver.url, "secret": field.secret("webhook", SECRET)}}
    field.close()
    return field


def sequences(receiver: Receiver) -> list[list[int]]:
    return [[event["seq"] for event in one.told["events"]] for one in receiver.posted]


def outcomes(field: Field) -> list[str]:
    return [str(one.outcome) for one in notify(field.house)]


def test_what_happened_since_is_posted_once(hooked: Field, receiver: Receiver) -> None:
    hooked.gaps(3)
    assert outcomes(hooked) == ["sent"]
    assert outcomes(hooked) == []
    act(hooked.house, hooked.event("HUM-01", "S1", GapKind.CLOSED))
    assert outcomes(hooked) == ["sent"]
    assert [len(one) for one in sequences(receiver)] == [3, 1]
    assert [one.told["after"] for one in receiver.posted] == [0, sequences(receiver)[0][-1]]


def test_it_is_signed_for_who_reads_the_documentation(hooked: Field, receiver: Receiver) -> None:
    hooked.gap()
    notify(hooked.house)
    [posted] = receiver.posted
    now = hooked.clock.now().timestamp()
    assert is_signed(SECRET, posted, now)
    assert not is_signed("another", posted, now)
    assert not is_signed(SECRET, posted, now + 3600)
    assert posted.path == "/tenken?to=1"
    assert posted.headers["tenken-delivery"] == posted.told["delivery"]
    assert posted.headers["content-type"] == "application/json"


def test_a_long_history_comes_in_batches_in_order(hooked: Field, receiver: Receiver) -> None:
    hooked.gaps(450)
    assert outcomes(hooked) == ["sent"] * 3
    told = [seq for one in sequences(receiver) for seq in one]
    assert told == sorted(set(told))
    assert [len(one) for one in sequences(receiver)] == [200, 200, 50]


@pytest.mark.parametrize("act_", ["500", "404", "301", "hang", "close"])
def test_what_is_not_taken_is_posted_again_and_nothing_before_it(hooked: Field, receiver: Receiver, act_: str) -> None:
    receiver.plan.append(act_)
    hooked.gaps(2)
    with impatient() if act_ == "hang" else nullcontext():
        assert outcomes(hooked) == ["None"]
    hooked.gap(CRITICAL)
    assert outcomes(hooked) == []
    receiver.released.set()
    hooked.wait(minutes=2)
    assert outcomes(hooked) == ["sent", "sent"]
    bodies = [one.body for one in receiver.posted]
    assert [len(json.loads(body)["events"]) for body in bodies[-2:]] == [2, 1]
    assert len(set(bodies)) == 2
    assert {one.path for one in receiver.posted} == {"/tenken?to=1"}


def test_a_receiver_that_is_away_for_days_loses_nothing_and_is_a_gap(hooked: Field, receiver: Receiver) -> None:
    receiver.plan.extend(["503"] * 200)
    hooked.gap()
    for _ in range(76):
        notify(hooked.house)
        hooked.wait(hours=1, minutes=1)
    assert "notices" in {gap.subject for gap in gaps(hooked.house)}
    receiver.plan.clear()
    assert set(outcomes(hooked)) == {"sent"}
    taken = receiver.posted[-2:]
    assert [one.told["after"] for one in taken] == [0, taken[0].told["events"][-1]["seq"]]


def test_persons_are_pseudonyms_and_words_are_left_out(hooked: Field, receiver: Receiver) -> None:
    person = hooked.person(MANAGER)
    act(
        hooked.house,
        hooked.event("HUM-01", person, reason="山田花子 090-0000-0000", actor=person, columns={"name": "山田花子"}),
    )
    notify(hooked.house)
    [posted] = receiver.posted
    assert person not in posted.body.decode()
    assert "山田花子" not in posted.body.decode()
    assert posted.told["events"][0]["subject"] == hooked.pseudonym("AOBA", person)


def documented() -> dict[str, Any]:
    text = (ROOT / "docs" / "webhook.md").read_text("utf-8")
    [example] = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    told: dict[str, Any] = json.loads(example)
    return told


def test_the_documented_example_has_the_shape_of_what_is_posted(hooked: Field, receiver: Receiver) -> None:
    hooked.gap(CRITICAL, cause="source:hr", aspect="kept")
    notify(hooked.house)
    [posted] = receiver.posted
    example = documented()
    assert set(example) == set(posted.told)
    assert example["version"] == posted.told["version"]
    for event in example["events"]:
        assert set(event) == set(posted.told["events"][0])
    text = (ROOT / "docs" / "webhook.md").read_text("utf-8")
    assert [name for name in (*example, *example["events"][0]) if f"`{name}`" not in text] == []
    assert [kind.value for kind in GapKind if f"`{kind.value}`" not in text] == []


def test_the_documented_signature_is_right() -> None:
    text = (ROOT / "docs" / "webhook.md").read_text("utf-8")
    found = re.search(r"t=(\d+),v1=([0-9a-f]{64})", text)
    assert found is not None
    assert hook.signature("s3cret", int(found[1]), b'{"version":1}') == found[0]


def test_a_receiver_whose_certificate_nobody_trusts_gets_nothing(hooked: Field, receiver: Receiver) -> None:
    assert hooked.notices is not None
    hooked.notices["webhook"]["url"] = receiver.url.replace("http://", "https://")
    hooked.gap()
    assert outcomes(hooked) == ["None"]
    assert receiver.posted == []


def test_an_address_that_is_a_secret_is_looked_up_when_it_is_posted_to(hooked: Field, receiver: Receiver) -> None:
    assert hooked.notices is not None
    hooked.notices["webhook"]["url"] = hooked.secret("webhook-address", receiver.url)
    hooked.close()
    hooked.gap()
    assert outcomes(hooked) == ["sent"]
    assert [one.path for one in receiver.posted] == ["/tenken?to=1"]


@pytest.mark.parametrize(
    ("address", "why"),
    [
        pytest.param("https://tenken:canary@hooks.aoba.example/", "without user", id="a password"),
        pytest.param("http://canary.aoba.example/", "is not encrypted", id="in the clear"),
        pytest.param("canary", "write https", id="no address"),
    ],
)
def test_what_is_no_address_is_named_by_its_reference_and_not_shown(hooked: Field, address: str, why: str) -> None:
    assert hooked.notices is not None
    hooked.notices["webhook"]["url"] = hooked.secret("webhook-address", address)
    hooked.close()
    hooked.gap()
    [letter] = notify(hooked.house)
    reason = str(letter.tries[-1].reason)
    assert (why in reason, "canary" in reason) == (True, False)
    with pytest.raises(ConfigError, match=re.escape("notices.webhook.url: what ${file:keys/webhook-address} holds")):
        delivery.hook(hooked.house, notices_of(hooked.house)).greet()
