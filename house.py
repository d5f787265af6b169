"""Floor 4: settings become the built rooms; one day's work as plain functions.

The only place that builds clients, clocks and keys. Stages do not call each other: each function here calls one stage
with plain values and appends what was done to the ledger.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from evidence import ledger, settings
from evidence.clock import Clock, SystemClock
from evidence.errors import ConfigError
from evidence.facts import Facts
from evidence.facts.feeds import Feed
from evidence.facts.window import Window
from evidence.ledger.keys import Signer
from evidence.period import Period
from evidence.persons import Keys
from evidence.records import Waivers
from evidence.settings import Settings
from evidence.store import Store
from evidence.vault.folder import FolderVault

from collectors.collect import Collected, collect
from collectors.sources import Source
from controls.assess import Company, assess
from controls.gaps import fold, reconcile
from controls.loader import Catalogue, load
from controls.model import Assessment, Gap, GapEvent
from controls.record import assessment_of, event_of, event_row, judgement_row

GROUP = "group"


@dataclass
class House:
    """The rooms of one deployment, built from its home."""

    home: Path
    settings: Settings
    clock: Clock
    store: Store
    vault: FolderVault
    facts: Facts
