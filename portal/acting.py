"""Who acts, and in which role: the one thing every right is decided on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.roles import DAILY_JOB, PUBLIC, role_label

if TYPE_CHECKING:
    from portal.models import User


@dataclass(frozen=True)
class Acting:
    """A person in one of their memberships, the public, or the daily job."""

    role: str
    user: User | None = None
    membership_id: int | None = None
    unit_id: int | None = None
    partner_id: int | None = None
    organisation_name: str = ""

    @property
    def is_public(self) -> bool:
        """True for whoever acts without a membership, signed in or not."""
        return self.role == PUBLIC

    @property
    def role_label(self) -> str:
        """The role in Chinese."""
        return role_label(self.role)

    @property
    def name(self) -> str:
        """The person's name as the history records it."""
        return self.user.full_name if self.user else self.role_label

    @property
    def user_id(self) -> int | None:
        """Key of the account; None for the public and the daily job."""
        return self.user.pk if self.user else None


ANYBODY = Acting(role=PUBLIC)
THE_DAILY_JOB = Acting(role=DAILY_JOB)
