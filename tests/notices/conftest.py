"""A prepared home, and servers that take mail and events."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.homes import copied
from tests.notices.homes import Field, prepare, smtp
from tests.servers import smtp as mail
from tests.servers import webhook


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that every test copies."""
    return prepare(tmp_path_factory.mktemp("notices") / "home")


@pytest.fixture
def mailbox() -> Iterator[mail.Mailbox]:
    with mail.running() as box:
        yield box


@pytest.fixture
def receiver() -> Iterator[webhook.Receiver]:
    with webhook.running() as found:
        yield found


@pytest.fixture
def field(prepared: Path, tmp_path: Path, mailbox: mail.Mailbox) -> Iterator[Field]:
    """A house that sends its mail to the mailbox."""
    made = Field(copied(prepared, tmp_path / "home"), smtp(mailbox.port))
    yield made
    made.close()
