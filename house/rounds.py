"""A round of telling, in a process of its own: it loads much, and a server that hangs must not silence a scheduler.

It is no slot of the schedule. What is due to be told follows from what stands in the store, whenever somebody looks: a
round that did not come is no loss, and one that comes twice repeats nothing (house/notify.py).
"""

import traceback
from datetime import timedelta
from functools import partial
from pathlib import Path

from evidence.clock import Clock
from evidence.errors import TenkenError
from house import House, open_house
from house.apart import Said, done_apart

DEADLINE = timedelta(minutes=10)


def told_apart(house: House, said: Said) -> str | None:
    """Tell what is due to be told, where the settings say that anybody is; why it failed."""
    if house.settings.notices is None:
        return None
    house.store.close()  # a connection must not be open where a process is copied
    return done_apart(partial(_tell, house.home, house.clock), said, DEADLINE, lambda: True, DEADLINE)


def _tell(home: Path, clock: Clock, said: Said) -> str | None:
    from house.notify import notify  # controls and reports, which cost a start as much as all the rest

    try:
        for letter in notify(open_house(home, clock)):
            last = letter.tries[-1]
            said(f"notice {letter.notice.kind}: {last.outcome}" + (f" ({last.reason})" if last.reason else ""))
    except TenkenError as error:
        return str(error)
    except Exception as error:  # whatever it is, the next round must come
        said("".join(traceback.format_exception(error)))
        return f"{type(error).__name__}; see above"
    return None
