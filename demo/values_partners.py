"""What is known of outside parties before anybody registers them."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Sighting:
    """An outside party that a payment, a signed-on application or an account shows."""

    id: str
    on: date
    company: str
    department: str | None
    party: str
    seen_in: str  # payment sso account
    likely: bool  # to handle personal data
    vendor: str | None
