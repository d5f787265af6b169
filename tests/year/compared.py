"""What came of the year against what had to come of it: exactly, in both directions."""

from collections.abc import Iterable

from controls.matters import is_mass
from controls.model import GapEvent, GapKind
from house.following import followed
from tests.year.expected import Told, expected
from tests.year.lived import Lived, events, key_of
from tests.year.story import Key, Story
from tests.year.world import World


def compared(lived: Lived, stories: Iterable[Story]) -> tuple[int, list[str]]:
    """How many gaps there are, and everything that is not as it must be."""
    stories = list(stories)
    posts = {
        (company, post): lived.world.person(no)
        for (company, post), no in lived.world.group.posts.items()
        if post in ("cpo", "representative")
    }
    told, found = expected(stories, lived.today, posts, lived.down), found_of(lived)
    named = lived.world.named
    wrong = list(lived.refused) + [
        f"missing: {_called(lived.world, key)}: {' | '.join(map(named, gap.lines))}"
        for key, gap in told.items()
        if key not in found
    ]
    wrong += [
        f"unexpected: {_called(lived.world, key)}: {' | '.join(map(named, gap.lines))}"
        for key, gap in found.items()
        if key not in told
    ]
    for key, gap in told.items():
        if key in found:
            wrong += (f"differs: {_called(lived.world, key)}: {named(one)}" for one in differing(gap, found[key]))
    for story in stories:
        for life in story.lives:
            for day, what in life.seen.items():
                if day <= lived.today and (saw := lived.seen.get((life.key, day))) != what:
                    wrong.append(
                        f"differs: {_called(lived.world, life.key)} on {day}: {named(what)} expected, {named(saw)} seen"
                    )
    return len(found), wrong


def _called(world: World, key: Key) -> str:
    """What a gap is about, in words."""
    return world.named(" ".join(part for part in key if part))


def found_of(lived: Lived) -> dict[Key, Told]:
    """Every gap that is stored, in the words of what is expected."""
    told: dict[Key, Told] = {}
    lines = {key: [line(one) for one in mine] for key, mine in events(lived.house).items()}
    for one in followed(lived.house):
        gap = one.gap
        told[key_of(one)] = Told(
            lines.get(key_of(one), []), gap.state, gap.due_on, gap.escalated, gap.regressions,
            gap.clean_days, gap.closed_on, gap.open_days, one.waiver.expires_on if one.waiver else None, gap.held,
        )  # fmt: skip
    return told


def line(event: GapEvent) -> str:
    """One event as one line."""
    text = f"{event.as_of} {event.kind}"
    if event.day:
        text += f" of {event.day}"
    if event.due_on:
        text += f" due {event.due_on}"
    match event.kind:
        case GapKind.ESCALATED:
            text += f" to {event.columns['to']}"
        case GapKind.WAIVED:
            text += f" {event.columns['expires_on']}"
        case GapKind.ASSIGNED:
            text += f" {event.reason}"
        case GapKind.OPENED | GapKind.REGRESSED | GapKind.FOUND if event.cause:  # gaps of one cause are one matter
            text += " mass" if is_mass(event.cause) else f" {event.cause}"
    return text


def differing(told: Told, found: Told) -> Iterable[str]:
    """What of one gap is not as it must be."""
    if told.lines != found.lines:
        same = 0
        while same < min(len(told.lines), len(found.lines)) and told.lines[same] == found.lines[same]:
            same += 1
        yield f"after {same} events: expected {told.lines[same:]}, found {found.lines[same:]}"
    for name in ("state", "due_on", "escalated", "regressions", "clean_days", "closed_on", "open_days", "held"):
        if getattr(told, name) != getattr(found, name):
            yield f"{name}: expected {getattr(told, name)}, found {getattr(found, name)}"
