"""The planted history of the year: everything that is not as it should be, and what must come of each."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from tests.year import history_people, history_registers, history_sources, history_things
from tests.year.home import JUDGED
from tests.year.story import Story
from tests.year.world import World


def history(w: World, until: date, controls: Collection[str] = JUDGED) -> list[Story]:
    """All stories until the evening of a day, as far as these controls see them; who plays a part does nothing else."""
    planted = (*history_people.stories(w), *history_things.stories(w), *history_registers.stories(w))
    told = [*planted, *history_sources.stories(w, until)]
    seen = {*controls, "SCHEDULE"}
    return [replace(one, lives=[life for life in one.lives if life.key[0] in seen]) for one in told]
