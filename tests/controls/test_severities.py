"""What a list of gaps needs to know of the controls."""

from controls.loader import load_for_judging
from controls.severities import severities


def test_the_severities_are_those_of_the_catalogue() -> None:
    assert severities() == {control.id: control.severity for control in load_for_judging().controls}
