"""What tells the time: aware, and never back; also where the machine has no clock that counts its sleep."""

import time
from datetime import timedelta

import pytest

from evidence.clock import SystemClock


@pytest.mark.parametrize("has_boottime", [True, False], ids=["Linux", "elsewhere"])
def test_monotonic_time_passes_wherever_we_are(has_boottime: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not has_boottime:
        monkeypatch.delattr(time, "CLOCK_BOOTTIME")
    clock = SystemClock()
    before = clock.monotonic()
    time.sleep(0.01)
    assert clock.monotonic() > before
    assert clock.now().utcoffset() == timedelta(0)
