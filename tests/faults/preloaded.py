"""What a forked sender finds imported and read; only the server that forks them imports this.

It starts no thread and opens nothing: both sides of a fork would have it.
"""

import os
from datetime import date

os.environ["JE_ARROW_MALLOC_CONF"] = "background_thread:false"  # pyarrow begins it when it is imported

import pyarrow.dataset  # noqa: F401

import evidence.facts.window  # noqa: F401
import tests.faults.acting
import tests.faults.posting  # noqa: F401
from controls.loader import shipped
from controls.severities import owners, severities
from registers.calendar import business_day_of

shipped()
severities()
owners()
business_day_of(date(2026, 3, 2))
