"""Homes in which somebody is told, and the servers that take it."""

from tests.notices.conftest import field, mailbox, prepared, receiver

__all__ = ["field", "mailbox", "prepared", "receiver"]
