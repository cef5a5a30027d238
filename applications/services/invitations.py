"""邀请: a one-time link by which a person of the pool becomes an account with the expert's role; accepted or declined, once."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from applications.models import ExpertInvitation, ExpertProfile
from applications.services import experts
from bases.models import Membership
from bases.services import people
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.models import User
from portal.roles import Role

DEFAULT_DAYS, MAX_DAYS = 14, 90


@dataclass(frozen=True)
class Issued:
    """An invitation with its secret, which is known only now: the database keeps its SHA-256."""

    invitation: ExpertInvitation
    secret: str


def digest(secret: str) -> str:
    """What the database keeps of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def why_not(profile: ExpertProfile) -> str:
    """Why a person cannot be invited, in Chinese; empty when they can."""
    if profile.removed_on is not None:
        return _("%(name)s已经出库，请先恢复入库再邀请。") % {"name": profile.name}
    if profile.user_id is not None:
        return _("%(name)s已有账号，不需要邀请。") % {"name": profile.name}
    return ""


@transaction.atomic
def issue(*, profile: ExpertProfile, by: Acting, on: date, at: datetime, days: int = DEFAULT_DAYS) -> Issued:
    """Invite a person by a link that works once, until the day after so many days; an earlier link no longer works.

    Raises Refused for who is removed or has an account.
    """
    return issue_many(profiles=[profile], by=by, on=on, at=at, days=days)[0]


@transaction.atomic
def issue_many(
    *, profiles: Iterable[ExpertProfile], by: Acting, on: date, at: datetime, days: int = DEFAULT_DAYS
) -> list[Issued]:
    """Invite several people, all or none; each gets a link of their own."""
    if by.role != Role.DEPT_OFFICER or by.user is None:
        raise NotYours(_("专家由教育厅经办邀请。"))
    if not 1 <= days <= MAX_DAYS:
        raise Refused(_("有效期应为 1 至 %(most)s 天。") % {"most": MAX_DAYS})
    keys = [profile.pk for profile in profiles]
    found = list(ExpertProfile.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"))
    if not found:
        raise Refused(_("请先选择要邀请的专家。"))
    reasons = [reason for reason in map(why_not, found) if reason]
    if reasons:
        raise Refused(reasons)
    experts.open_invitations(found).update(withdrawn_at=at)
    made = []
    for profile in found:
        secret = secrets.token_urlsafe(32)
        invitation = ExpertInvitation(
            profile=profile, secret_hash=digest(secret), invited_by=by.user, invited_on=on,
            expires_on=on + timedelta(days=days),
        )  # fmt: skip
        made.append(Issued(invitation, secret))
        experts.note(profile, _("发出邀请，有效期至 %(day)s") % {"day": invitation.expires_on}, by.user, on)
    ExpertInvitation.objects.bulk_create(each.invitation for each in made)
    return made


@transaction.atomic
def withdraw(*, profile: ExpertProfile, by: Acting, on: date, at: datetime) -> None:
    """Make the open link of a person worthless."""
    if by.role != Role.DEPT_OFFICER or by.user is None:
        raise NotYours(_("专家由教育厅经办邀请。"))
    mine = experts.locked(profile)
    if not experts.open_invitations([mine]).update(withdrawn_at=at):
        raise Overtaken(_("没有待回复的邀请，没有改动。"))
    experts.note(mine, _("作废邀请"), by.user, on)


def find(secret: str) -> ExpertInvitation | None:
    """The invitation of a link; None for a secret that was never issued."""
    found = ExpertInvitation.objects.filter(secret_hash=digest(secret))
    return found.select_related("profile", "invited_by").first()


def current(profile: ExpertProfile) -> ExpertInvitation | None:
    """The newest invitation of a person."""
    return profile.invitations.select_related("invited_by").first()


def ended_words(invitation: ExpertInvitation, on: date) -> str:
    """Why a link works no more, in Chinese; empty while it does."""
    state, kinds = invitation.state_on(on), ExpertInvitation.State
    if state == kinds.ACCEPTED:
        return _("这份邀请已经接受，链接只能使用一次。请用接受邀请时设置的登录名登录。")
    if state == kinds.DECLINED:
        return _("这份邀请已经谢绝。如改变主意，请与教育厅联系，重新发送邀请。")
    if state == kinds.WITHDRAWN:
        return _("这份邀请已经作废，可能已另发新的链接。请使用最近收到的链接，或与教育厅联系。")
    if state == kinds.EXPIRED:
        words = {"day": invitation.expires_on.isoformat()}
        return _("这份邀请已于 %(day)s 过期。请与教育厅联系，重新发送邀请。") % words
    if invitation.profile.removed_on is not None or invitation.profile.user_id is not None:
        return _("这份邀请已经不再需要。如有疑问，请与教育厅联系。")
    return ""


def _locked(secret: str, on: date) -> ExpertInvitation:
    """The invitation of a link with its person, both locked; raises Overtaken when it works no more."""
    known = find(secret)
    if known is None:
        raise Overtaken(_("没有这份邀请，请核对链接是否完整。"))
    # The person first, as whoever invites and withdraws locks them: in another order the two would wait for each other.
    profile = experts.locked(known.profile)
    found = ExpertInvitation.objects.select_for_update(of=("self",)).select_related("invited_by").get(pk=known.pk)
    found.profile = profile
    ended = ended_words(found, on)
    if ended:
        raise Overtaken(ended)
    return found


def not_the_invited(invitation: ExpertInvitation, user: User) -> str:
    """Why an account that is signed in cannot accept, in Chinese; empty when it can."""
    if experts.bare(user.full_name) != experts.bare(invitation.profile.name):
        words = {"account": user.full_name, "name": invitation.profile.name}
        return _("您现在用%(account)s的账号登录，这份邀请是发给%(name)s的。请退出登录后重新打开链接。") % words
    if user.pk == invitation.invited_by_id:
        return _("不能接受自己发出的邀请。")
    if ExpertProfile.objects.filter(user=user).exists():
        return _("这个账号已属于专家库中的另一条记录，请与教育厅联系。")
    return ""


@transaction.atomic
def accept(
    *,
    secret: str,
    employer: str,
    phone: str,
    email: str,
    on: date,
    at: datetime,
    username: str = "",
    password: str = "",
    user: User | None = None,
) -> User:
    """The invited person accepts: they get an account, or bring the one they are signed in with, and the expert's role.

    The role is granted by the officer who invited. An employer that differs from what was known takes its place; the one before
    stays as an employment that ended. Raises Overtaken for a link that works no more, Refused for what does not fit; then nothing is done.
    """
    invitation = _locked(secret, on)
    profile = invitation.profile
    if user is not None and (reason := not_the_invited(invitation, user)):
        raise Refused(reason)
    experts.refuse_doubles_discreetly(profile=profile, employer=employer, phone=phone)
    if user is None:
        user = people.create_account(
            username=username, full_name=profile.name, password=password, phone=phone, email=email
        )
    if not Membership.objects.filter(user=user, role=Role.EXPERT, withdrawn_at=None).exists():
        people.grant_membership(user=user, role=Role.EXPERT, by=invitation.invited_by)
    fields: dict[str, Any] = {"phone": phone, "email": email}
    if experts.bare(employer) != experts.bare(profile.employer):
        experts.former_employment(profile, user, on).save()
        unit, partner = experts.registered(employer)
        fields |= {"employer": employer, "training_unit": unit, "partner_unit": partner}
    details = experts.fill(profile, fields)
    profile.user = user
    experts.save(profile)
    invitation.accepted_at = at
    invitation.save(update_fields=["accepted_at"])
    words = {"officer": invitation.invited_by.full_name}
    experts.note(profile, _("接受邀请，建立账号（由%(officer)s邀请）") % words, user, on, details)
    return user


@transaction.atomic
def decline(*, secret: str, reason: str, on: date, at: datetime) -> ExpertInvitation:
    """The invited person declines, with the reason; the link works no more, and they stay in the pool."""
    invitation = _locked(secret, on)
    if not reason.strip():
        raise Refused(_("请写明谢绝的原因。"))
    invitation.declined_at, invitation.declined_reason = at, reason.strip()
    invitation.save(update_fields=["declined_at", "declined_reason"])
    experts.note(invitation.profile, _("谢绝邀请：%(reason)s") % {"reason": reason.strip()}, None, on)
    return invitation


def message(issued: Issued, address: str, office: str) -> str:
    """The text in which an officer sends the link, ready to be copied."""
    words = {
        "name": issued.invitation.profile.name,
        "office": office,
        "day": issued.invitation.expires_on.isoformat(),
        "url": address,
    }
    return (
        _(
            "%(name)s老师：您好！%(office)s邀请您加入研究生联合培养基地评审专家库。请在 %(day)s 前打开下面的链接，核对信息并设置登录密码；不便参加的，也请在同一页面说明。链接只能使用一次，请勿转发。%(url)s"
        )
        % words
    )
