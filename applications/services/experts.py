"""专家库: who is in it, what is known of them, who may be assigned; every change is kept with who made it."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from applications.models import ExpertAbsence, ExpertChange, ExpertInvitation, ExpertProfile, ExpertRelation
from bases.industries import PRIORITY_INDUSTRIES
from bases.models import DegreeCategory, Membership, PartnerUnit, TrainingUnit
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.masking import masked_email, masked_phone
from portal.models import User
from portal.roles import Role

# What is entered about a person; the categories are a relation of their own.
FIELDS = (
    "name", "employer", "sector", "title", "position", "training_unit", "partner_unit", "industries", "division",
    "phone", "email", "max_load", "note",
)  # fmt: skip
# What experts keep up to date themselves; name, employer and load are the department's.
OWN_FIELDS = ("title", "position", "industries", "phone", "email")
_INDUSTRIES = dict(PRIORITY_INDUSTRIES)
_EDITED = 5


class Duplicate(Refused):
    """The person is in the pool already; ``profile`` is their entry."""

    def __init__(self, reason: str, profile: ExpertProfile) -> None:
        super().__init__(reason)
        self.profile = profile


def in_pool() -> QuerySet[ExpertProfile]:
    """The people who are in the pool now, with or without an account."""
    return ExpertProfile.objects.filter(removed_on=None)


def available_experts(on: date) -> QuerySet[User]:
    """Who may be assigned on a day: in the pool, with a live account and expert membership, and not absent that day.

    Conflicts with a base (回避) are not looked at here. Each comes with their ``expert_profile``.
    """
    held = Membership.objects.filter(role=Role.EXPERT, withdrawn_at=None).values("user")
    absent = ExpertAbsence.objects.filter(from_on__lte=on, to_on__gte=on).values("profile")
    profiles = in_pool().exclude(pk__in=absent).values("user")
    found = User.objects.filter(is_active=True, pk__in=held).filter(pk__in=profiles.filter(user__isnull=False))
    return found.select_related("expert_profile").order_by("full_name", "pk")


def bare(text: str) -> str:
    """A name without what varies in writing: full width, spaces."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).casefold()


def industry_words(keys: Iterable[str]) -> str:
    """Industries as people read them: 现代能源、信息技术."""
    return "、".join(_INDUSTRIES.get(key, key) for key in keys)


def _only_officer(by: Acting) -> User:
    if by.role != Role.DEPT_OFFICER or by.user is None:
        raise NotYours(_("专家库由教育厅经办维护。"))
    return by.user


def _officer_or_self(profile: ExpertProfile, by: Acting) -> User:
    """Who keeps absences and relations: the department, and the expert their own."""
    if by.role == Role.EXPERT and by.user is not None and profile.user_id == by.user_id:
        return by.user
    return _only_officer(by)


def note(
    profile: ExpertProfile, words: str, by: User | None, on: date, details: list[list[str]] | None = None
) -> ExpertChange:
    """Keep a change of a person with who made it; nobody where the invited person answered without an account."""
    return ExpertChange.objects.create(
        profile=profile, words=words, changed_by=by, changed_on=on, details=details or []
    )


def locked(profile: ExpertProfile) -> ExpertProfile:
    """The same person, locked until the end of the transaction."""
    return ExpertProfile.objects.select_for_update(of=("self",)).get(pk=profile.pk)


def refuse_doubles(*, name: str, employer: str, phone: str, except_pk: int | None = None) -> None:
    """Raise Duplicate when somebody else of the pool, also of those removed, has this name and employer, or this number."""
    others = ExpertProfile.objects.all() if except_pk is None else ExpertProfile.objects.exclude(pk=except_pk)
    same = others.filter(name=name, employer=employer).first()
    if same:
        words = {"name": same.name, "employer": same.employer}
        raise Duplicate(_("专家库中已有%(employer)s的%(name)s，没有重复登记。") % words, same)
    same = others.filter(phone=phone).first() if phone else None
    if same:
        words = {"name": same.name, "employer": same.employer}
        raise Duplicate(_("这个手机号是专家库中%(name)s（%(employer)s）的，请核对。") % words, same)


def refuse_doubles_discreetly(*, profile: ExpertProfile, employer: str, phone: str) -> None:
    """The same for people who must not learn who else is in the pool: raises Refused without a name."""
    try:
        refuse_doubles(name=profile.name, employer=employer, phone=phone, except_pk=profile.pk)
    except Duplicate:
        raise Refused(_("手机号或工作单位与专家库中的另一条记录重复，请核对，或与教育厅联系。")) from None


def registered(employer: str) -> tuple[TrainingUnit | None, PartnerUnit | None]:
    """The training unit or the partner that is registered under exactly this name; recusal (回避) goes by it."""
    unit = TrainingUnit.objects.filter(name=employer).first()
    return unit, None if unit else PartnerUnit.objects.filter(name=employer).first()


def shown(name: str, value: Any) -> str:
    """A value of a field as the list of changes shows it; numbers and addresses masked."""
    if value in (None, "", []):
        return ""
    if name == "industries":
        return industry_words(value)
    if name == "phone":
        return masked_phone(value)
    if name == "email":
        return masked_email(value)
    if name == "sector":
        return str(dict(ExpertProfile.Sector.choices)[value])
    return str(value)


def label_of(name: str) -> str:
    """What a field of a person is called on the screen."""
    return str(ExpertProfile._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def fill(profile: ExpertProfile, fields: dict[str, Any]) -> list[list[str]]:
    """Set what differs, without saving; gives what changed as [name of the field, before, after]."""
    changed = []
    for name, value in fields.items():
        before = getattr(profile, name)
        if before != value:
            changed.append([label_of(name), shown(name, before), shown(name, value)])
            setattr(profile, name, value)
    return changed


def former_employment(profile: ExpertProfile, by: User, on: date) -> ExpertRelation:
    """The employment that the person now leaves, not saved yet: recusal (回避) looks back on it."""
    named = profile.training_unit_id or profile.partner_unit_id
    return ExpertRelation(
        profile=profile, kind=ExpertRelation.Kind.EMPLOYMENT, training_unit_id=profile.training_unit_id,
        partner_unit_id=profile.partner_unit_id, organisation="" if named else profile.employer, ended_on=on,
        recorded_by=by, recorded_on=on, note=_("原工作单位"),
    )  # fmt: skip


@transaction.atomic
def enter(*, by: Acting, on: date, categories: Iterable[DegreeCategory] = (), **fields: Any) -> ExpertProfile:
    """Take a person into the pool (第八条（三）); they have no account until they accept an invitation.

    Raises Duplicate for somebody who is in it already, Refused for what does not fit.
    """
    user = _only_officer(by)
    fields = _with_registration(fields)
    refuse_doubles(name=fields["name"], employer=fields["employer"], phone=fields.get("phone", ""))
    profile = ExpertProfile(added_on=on, **fields)
    save(profile)
    profile.categories.set(categories)
    note(profile, _("登记入库"), user, on)
    return profile


@transaction.atomic
def edit(
    *,
    profile: ExpertProfile,
    by: Acting,
    on: date,
    categories: Iterable[DegreeCategory] | None = None,
    keep_employer: bool = True,
    **fields: Any,
) -> ExpertProfile:
    """Change what is known of a person; with ``keep_employer`` an employer that changes stays as an employment that ended.

    Raises Duplicate when name and employer, or the number, are somebody else's.
    """
    user = _only_officer(by)
    mine = locked(profile)
    given = {name: getattr(mine, name) for name in ("name", "employer", "phone")} | fields
    if "employer" in fields:
        fields = _with_registration(fields)
    refuse_doubles(name=given["name"], employer=given["employer"], phone=given["phone"], except_pk=mine.pk)
    return _edited(mine, user, on, fields, categories, keep_employer)


def _edited(
    mine: ExpertProfile,
    user: User,
    on: date,
    fields: dict[str, Any],
    categories: Iterable[DegreeCategory] | None,
    keep_employer: bool,
) -> ExpertProfile:
    if keep_employer and "employer" in fields and bare(fields["employer"]) != bare(mine.employer):
        former_employment(mine, user, on).save()
    details = fill(mine, fields)
    save(mine)
    if categories is not None:
        before, after = set(mine.categories.all()), set(categories)
        if before != after:
            details.append([label_of("categories"), category_words(before), category_words(after)])
            mine.categories.set(after)
    if details:
        labels = "、".join(label for label, _before, _after in details[:_EDITED])
        note(mine, _("修改：%(labels)s") % {"labels": labels}, user, on, details)
    return mine


def category_words(categories: Iterable[DegreeCategory]) -> str:
    """Categories as people read them, in the order of their codes."""
    return "、".join(str(each) for each in sorted(categories, key=lambda each: each.code))


def _with_registration(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields with the registered unit whose name the employer's is, where none was chosen."""
    if fields.get("training_unit") and fields.get("partner_unit"):
        raise Refused(_("所在培养单位和所在合作单位只能选一个；兼职的单位请登记为利害关系。"))
    if fields.get("training_unit") or fields.get("partner_unit"):
        return fields
    unit, partner = registered(fields["employer"])
    return fields | {"training_unit": unit, "partner_unit": partner}


def save(profile: ExpertProfile) -> None:
    """Save a person; raises Refused when somebody else has entered the same person or number at the same moment."""
    try:
        with transaction.atomic():
            profile.save()
    except IntegrityError as error:
        raise Refused(_("刚刚已有人登记了同一位专家或同一个手机号，没有保存。请刷新后再看。")) from error


@transaction.atomic
def edit_own(
    *, profile: ExpertProfile, by: Acting, on: date, categories: Iterable[DegreeCategory], **fields: Any
) -> ExpertProfile:
    """Experts keep their contact, title and what they are at home in; raises Refused when the number is somebody else's."""
    mine = locked(profile)
    if by.role != Role.EXPERT or by.user is None or mine.user_id != by.user_id:
        raise NotYours(_("专家资料由本人更新。"))
    unknown = set(fields) - set(OWN_FIELDS)
    if unknown:
        raise NotYours(_("姓名、工作单位等由教育厅经办修改。"))
    refuse_doubles_discreetly(profile=mine, employer=mine.employer, phone=fields.get("phone", mine.phone))
    return _edited(mine, by.user, on, fields, categories, keep_employer=False)


def open_invitations(profiles: Iterable[ExpertProfile]) -> QuerySet[ExpertInvitation]:
    """The invitations of these people that nobody has answered or withdrawn; one a person at most, expired ones among them."""
    return ExpertInvitation.objects.filter(profile__in=profiles, accepted_at=None, declined_at=None, withdrawn_at=None)


@transaction.atomic
def remove(*, profile: ExpertProfile, reason: str, by: Acting, on: date, at: datetime) -> ExpertProfile:
    """Take a person out of the pool with the reason: nobody assigns them any more, an open invitation is withdrawn.

    What they have done stays; their account and role stay the security administrator's.
    """
    user = _only_officer(by)
    mine = locked(profile)
    if mine.removed_on is not None:
        raise Overtaken(_("%(name)s已经出库，没有重复办理。") % {"name": mine.name})
    if not reason.strip():
        raise Refused(_("请写明出库原因。"))
    mine.removed_on, mine.removed_reason = on, reason.strip()
    mine.save(update_fields=["removed_on", "removed_reason"])
    open_invitations([mine]).update(withdrawn_at=at)
    note(mine, _("出库：%(reason)s") % {"reason": mine.removed_reason}, user, on)
    return mine


@transaction.atomic
def take_back(*, profile: ExpertProfile, by: Acting, on: date) -> ExpertProfile:
    """Bring a removed person back into the pool."""
    user = _only_officer(by)
    mine = locked(profile)
    if mine.removed_on is None:
        raise Overtaken(_("%(name)s已在库中，没有重复办理。") % {"name": mine.name})
    before = mine.removed_reason
    mine.removed_on, mine.removed_reason = None, ""
    mine.save(update_fields=["removed_on", "removed_reason"])
    note(mine, _("恢复入库（原出库原因：%(reason)s）") % {"reason": before}, user, on)
    return mine


def linkable_accounts() -> QuerySet[User]:
    """Accounts that hold the expert's role and belong to nobody in the pool."""
    held = Membership.objects.filter(role=Role.EXPERT, withdrawn_at=None).values("user")
    return User.objects.filter(is_active=True, pk__in=held, expert_profile=None).order_by("full_name", "pk")


@transaction.atomic
def link_account(*, profile: ExpertProfile, user: User, by: Acting, on: date, at: datetime) -> ExpertProfile:
    """Say that an account with the expert's role is this person's; an invitation that is still open is withdrawn."""
    officer = _only_officer(by)
    mine = locked(profile)
    if mine.user_id is not None:
        raise Overtaken(_("%(name)s已有账号，没有改动。") % {"name": mine.name})
    if not linkable_accounts().filter(pk=user.pk).exists():
        raise Refused(_("账号“%(account)s”没有评审专家角色，或已属于另一位专家。") % {"account": user})
    mine.user = user
    mine.save(update_fields=["user"])
    open_invitations([mine]).update(withdrawn_at=at)
    note(mine, _("关联已有账号 %(account)s") % {"account": user.username}, officer, on)
    return mine


@transaction.atomic
def add_absence(
    *, profile: ExpertProfile, from_on: date, to_on: date, note_text: str, by: Acting, on: date
) -> ExpertAbsence:
    """Days on which the expert cannot review; they are not proposed for assignment on them."""
    user = _officer_or_self(profile, by)
    mine = locked(profile)
    if to_on < from_on:
        raise Refused(_("结束日期不能早于开始日期。"))
    if to_on < on:
        raise Refused(_("这段时间已经过去，不需要登记。"))
    made = ExpertAbsence.objects.create(profile=mine, from_on=from_on, to_on=to_on, note=note_text)
    note(mine, _("登记不便时间 %(first)s 至 %(last)s") % {"first": from_on, "last": to_on}, user, on)
    return made


@transaction.atomic
def remove_absence(*, absence: ExpertAbsence, by: Acting, on: date) -> None:
    """The expert can review on these days after all."""
    user = _officer_or_self(absence.profile, by)
    mine = locked(absence.profile)
    if not ExpertAbsence.objects.filter(pk=absence.pk).exists():
        raise Overtaken(_("这段不便时间已经删除，没有重复办理。"))
    note(mine, _("删除不便时间 %(first)s 至 %(last)s") % {"first": absence.from_on, "last": absence.to_on}, user, on)
    absence.delete()


@transaction.atomic
def add_relation(*, profile: ExpertProfile, by: Acting, on: date, **fields: Any) -> ExpertRelation:
    """Record a relation on which recusal (回避) looks: to a unit, a partner, another organisation, or a person.

    Raises Refused when nobody is named or the dates are in the wrong order.
    """
    user = _officer_or_self(profile, by)
    mine = locked(profile)
    if not any(fields.get(name) for name in ("training_unit", "partner_unit", "organisation", "person")):
        raise Refused(_("请写明与哪个单位或哪个人有关系。"))
    began, ended = fields.get("began_on"), fields.get("ended_on")
    if began and ended and ended < began:
        raise Refused(_("结束日期不能早于开始日期。"))
    made = ExpertRelation.objects.create(profile=mine, recorded_by=user, recorded_on=on, **fields)
    note(mine, _("登记利害关系：%(relation)s") % {"relation": relation_words(made)}, user, on)
    return made


@transaction.atomic
def end_relation(*, relation: ExpertRelation, ended_on: date, by: Acting, on: date) -> ExpertRelation:
    """Say on which day a relation ended; recusal goes on looking back on it for the years that are set."""
    user = _only_officer(by)
    mine = ExpertRelation.objects.select_for_update(of=("self",)).select_related("profile").get(pk=relation.pk)
    if mine.ended_on is not None:
        raise Overtaken(_("这项利害关系已经登记了结束日期，没有改动。"))
    if ended_on > on:
        raise Refused(_("结束日期不能晚于今天（%(on)s）。") % {"on": on.isoformat()})
    if mine.began_on and ended_on < mine.began_on:
        raise Refused(_("结束日期不能早于开始日期 %(day)s。") % {"day": mine.began_on.isoformat()})
    mine.ended_on = ended_on
    mine.save(update_fields=["ended_on"])
    words = {"relation": relation_words(mine), "day": ended_on}
    note(mine.profile, _("利害关系于 %(day)s 结束：%(relation)s") % words, user, on)
    return mine


def relation_words(relation: ExpertRelation) -> str:
    """A relation in one line: 任职 · 某大学 · 张三."""
    organisation = relation.training_unit or relation.partner_unit or relation.organisation
    return " · ".join(str(part) for part in (relation.get_kind_display(), organisation, relation.person) if part)


def own_profile(by: Acting) -> ExpertProfile | None:
    """The entry of the expert who asks; None when they have a role and no entry."""
    return ExpertProfile.objects.filter(Q(user_id=by.user_id) & Q(user__isnull=False)).first()
