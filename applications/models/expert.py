from datetime import date

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bases.industries import PRIORITY_INDUSTRIES
from bases.models import DegreeCategory, Division, PartnerUnit, TrainingUnit


class ExpertProfile(models.Model):
    """A person of the 专家库: what assignment needs to know of them (第八条（三）), and what recusal does.

    They are in the pool before they have an account; ``user`` comes with the invitation that they accept.
    """

    class Sector(models.TextChoices):
        UNIVERSITY = "university", _("高校")
        INSTITUTE = "institute", _("科研院所")
        INDUSTRY = "industry", _("行业企业")
        GOVERNMENT = "government", _("政府部门")
        OTHER = "other", _("其他")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="expert_profile"
    )
    name = models.CharField(_("姓名"), max_length=40)
    employer = models.CharField(_("工作单位"), max_length=100)
    sector = models.CharField(_("单位性质"), max_length=12, choices=Sector, default=Sector.UNIVERSITY)
    title = models.CharField(_("职称"), max_length=40, blank=True)
    position = models.CharField(_("职务"), max_length=60, blank=True)
    training_unit = models.ForeignKey(
        TrainingUnit, verbose_name=_("所在培养单位"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    partner_unit = models.ForeignKey(
        PartnerUnit, verbose_name=_("所在合作单位"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    categories = models.ManyToManyField(
        DegreeCategory, verbose_name=_("熟悉的专业学位类别"), blank=True, related_name="+"
    )
    industries = ArrayField(
        models.CharField(max_length=40, choices=PRIORITY_INDUSTRIES),
        verbose_name=_("熟悉的产业"),
        default=list,
        blank=True,
    )
    division = models.ForeignKey(
        Division, verbose_name=_("所在地区"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    phone = models.CharField(_("手机"), max_length=20, blank=True)
    email = models.EmailField(_("电子邮箱"), blank=True)
    max_load = models.PositiveSmallIntegerField(_("每批次最多评审（项）"), null=True, blank=True)
    note = models.CharField(_("备注"), max_length=200, blank=True)
    added_on = models.DateField(_("入库日期"), null=True, blank=True)
    removed_on = models.DateField(_("出库日期"), null=True, blank=True)
    removed_reason = models.CharField(_("出库原因"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("专家")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(sector__in=["university", "institute", "industry", "government", "other"]),
                name="expert_sector_known",
            ),
            models.CheckConstraint(
                condition=Q(removed_on=None) | ~Q(removed_reason=""), name="expert_removed_with_a_reason"
            ),
            models.CheckConstraint(condition=Q(max_load=None) | Q(max_load__gte=1), name="expert_load_positive"),
            models.CheckConstraint(
                condition=Q(phone="") | Q(phone__regex=r"^1[3-9][0-9]{9}$"), name="expert_phone_can_be_called"
            ),
            models.UniqueConstraint(fields=["name", "employer"], name="expert_once_per_employer"),
            models.UniqueConstraint(fields=["phone"], condition=~Q(phone=""), name="expert_once_per_phone"),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.employer}）"


class ExpertAbsence(models.Model):
    """Days on which an expert cannot review."""

    profile = models.ForeignKey(ExpertProfile, on_delete=models.CASCADE, related_name="absences")
    from_on = models.DateField(_("开始日期"))
    to_on = models.DateField(_("结束日期"))
    note = models.CharField(_("说明"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("专家不便时间")
        ordering = ["from_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(to_on__gte=F("from_on")), name="expert_absence_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.profile.name}：{self.from_on}–{self.to_on}"


class ExpertRelation(models.Model):
    """A relation of an expert, present or past, on which recusal looks back (回避): to a unit, a partner or a person.

    ``ended_on`` empty: it goes on. An organisation that is registered here is named by its row, any other by its words.
    """

    class Kind(models.TextChoices):
        EMPLOYMENT = "employment", _("任职")
        PART_TIME = "part_time", _("兼职或顾问")
        JOINT_RESULT = "joint_result", _("合作成果")
        JOINT_PROJECT = "joint_project", _("合作项目")
        FAMILY = "family", _("亲属")
        TEACHER_STUDENT = "teacher_student", _("师生")
        OTHER = "other", _("其他利害关系")

    profile = models.ForeignKey(ExpertProfile, on_delete=models.PROTECT, related_name="relations")
    kind = models.CharField(_("关系"), max_length=16, choices=Kind)
    training_unit = models.ForeignKey(
        TrainingUnit, verbose_name=_("培养单位"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    partner_unit = models.ForeignKey(
        PartnerUnit, verbose_name=_("合作单位"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    organisation = models.CharField(_("其他单位"), max_length=100, blank=True)
    person = models.CharField(_("对方姓名"), max_length=40, blank=True)
    began_on = models.DateField(_("开始日期"), null=True, blank=True)
    ended_on = models.DateField(_("结束日期"), null=True, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_on = models.DateField(_("登记日期"))

    class Meta:
        verbose_name = _("专家利害关系")
        ordering = ["-ended_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "employment", "part_time", "joint_result", "joint_project", "family", "teacher_student", "other",
                    ]
                ),
                name="expert_relation_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(training_unit__isnull=False) | Q(partner_unit__isnull=False) | ~Q(organisation="")
                | ~Q(person=""),
                name="expert_relation_to_somebody",
            ),
            models.CheckConstraint(
                condition=Q(began_on=None) | Q(ended_on=None) | Q(ended_on__gte=F("began_on")),
                name="expert_relation_in_order",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        with_whom = self.training_unit or self.partner_unit or self.organisation or self.person
        return f"{self.profile.name}：{self.get_kind_display()}（{with_whom}）"


class ExpertInvitation(models.Model):
    """A one-time link by which a person of the pool becomes an account; only the hash of its secret is kept."""

    class State(models.TextChoices):
        OPEN = "open", _("已邀请")
        EXPIRED = "expired", _("邀请已过期")
        ACCEPTED = "accepted", _("已接受")
        DECLINED = "declined", _("已谢绝")
        WITHDRAWN = "withdrawn", _("已作废")

    profile = models.ForeignKey(ExpertProfile, on_delete=models.PROTECT, related_name="invitations")
    secret_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    invited_on = models.DateField(_("邀请日期"))
    expires_on = models.DateField(_("有效期至"))
    accepted_at = models.DateTimeField(_("接受时间"), null=True, blank=True)
    declined_at = models.DateTimeField(_("谢绝时间"), null=True, blank=True)
    declined_reason = models.CharField(_("谢绝原因"), max_length=200, blank=True)
    withdrawn_at = models.DateTimeField(_("作废时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("专家邀请")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(expires_on__gte=F("invited_on")), name="invitation_in_order"),
            models.UniqueConstraint(
                fields=["profile"],
                condition=Q(accepted_at=None, declined_at=None, withdrawn_at=None),
                name="one_open_invitation_per_expert",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None, declined_at=None)
                | Q(accepted_at=None, withdrawn_at=None)
                | Q(declined_at=None, withdrawn_at=None),
                name="invitation_ends_once",
            ),
            models.CheckConstraint(
                condition=Q(declined_at=None) | ~Q(declined_reason=""), name="declined_invitation_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile}：{self.invited_on}"

    def state_on(self, on: date) -> str:
        """How the invitation stands on a day; the day in ``expires_on`` is the last one on which it can be accepted."""
        if self.accepted_at:
            return self.State.ACCEPTED
        if self.declined_at:
            return self.State.DECLINED
        if self.withdrawn_at:
            return self.State.WITHDRAWN
        return self.State.OPEN if on <= self.expires_on else self.State.EXPIRED


class ExpertChange(models.Model):
    """One change of a person of the pool: what was done, by whom and when; changes are added and never changed.

    ``details`` lists what was entered anew as [name of the field, before, after]; telephone numbers and addresses are masked.
    ``changed_by`` is empty where the invited person answered without an account.
    """

    profile = models.ForeignKey(ExpertProfile, on_delete=models.PROTECT, related_name="changes")
    words = models.CharField(_("办理事项"), max_length=300)
    details = models.JSONField(_("改动内容"), default=list)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("办理人"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    changed_on = models.DateField(_("业务日期"))
    changed_at = models.DateTimeField(_("办理时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("专家变动记录")
        ordering = ["-pk"]
        constraints = [models.CheckConstraint(condition=~Q(words=""), name="expert_change_says_what")]
        triggers = [pgtrigger.Protect(name="expert_changes_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.profile.name}：{self.words}"
