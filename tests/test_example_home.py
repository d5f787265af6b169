"""The example in ``config/`` is one that can be used."""

from pathlib import Path

import pytest

from collectors import sources
from evidence import settings

EXAMPLE = Path(__file__).parents[1] / "config"


def test_the_example_settings_can_be_read() -> None:
    assert settings.read(EXAMPLE).codes == ("AOBA",)


@pytest.mark.parametrize("path", sorted((EXAMPLE / "sources").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_example_source_can_be_read(path: Path) -> None:
    assert sources.read(path, EXAMPLE, ("AOBA",)).name == path.stem
