"""The planted history of the year: everything that is not as it should be, and what must come of each."""

from datetime import date

from tests.year import history_people, history_registers, history_sources, history_things
from tests.year.story import Story
from tests.year.world import World


def history(w: World, until: date) -> list[Story]:
    """All stories until the evening of a day; whoever plays a part does nothing else."""
    planted = (*history_people.stories(w), *history_things.stories(w), *history_registers.stories(w))
    return [*planted, *history_sources.stories(w, until)]
