"""The reporting line of each company: its contact tree and whom to call, all in order."""

from demo.days import ago
from demo.group import COMPANIES, Group
from demo.rules import appoint, document

TREE = "CONTACTS"


def build(group: Group) -> None:
    """Give both companies a contact tree that was looked at this winter, and two contacts who work there."""
    for company in COMPANIES:
        document(group, company, TREE, reviewed_on=ago(60))
        for post in ("dept_privacy_manager", "deputy"):
            appoint(group, company, None, "emergency_contact", group.posts[f"{company}-ADM", post])
