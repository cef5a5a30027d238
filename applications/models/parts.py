"""The scalar parts of a 申请书 beyond its cover, one row each; every answer may stay open while drafting."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.models.application import Application
from bases.models import CategoryAuthorisation
from bases.people_terms import ProfessionalTitle

PHONE = r"^(1[3-9][0-9]{9})?$"


def text(label: Any, limit: int) -> "models.CharField[str, str]":
    """Text that may stay open."""
    return models.CharField(label, max_length=limit, blank=True)


def count(label: Any) -> "models.PositiveIntegerField[int | None, int | None]":
    """A number of people or things that may stay open."""
    return models.PositiveIntegerField(label, null=True, blank=True)


def money(label: Any) -> "models.DecimalField[Any, Any]":
    """An amount in yuan that may stay open; people enter it in 万元."""
    return models.DecimalField(label, max_digits=14, decimal_places=2, null=True, blank=True)


def title(label: Any) -> "models.CharField[str, str]":
    """A 职称 that may stay open."""
    return models.CharField(label, max_length=10, blank=True, choices=ProfessionalTitle)


def _not_negative(*names: str) -> Q:
    condition = Q()
    for name in names:
        condition &= Q(**{name: None}) | Q(**{f"{name}__gte": 0})
    return condition


def _at_most(limit: int, *names: str) -> Q:
    condition = Q()
    for name in names:
        condition &= Q(**{name: None}) | Q(**{f"{name}__lte": limit})
    return condition


class Part(models.Model):
    """What every part has."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.application)  # type: ignore[attr-defined]


class ApplicationBasics(Part):
    """一 基本信息: who leads on both sides, who is in charge at the partner, the category at the unit (第六条, 第十条, 第十一条)."""

    application = models.OneToOneField(Application, on_delete=models.CASCADE, related_name="basics")
    unit_leader_name = text(_("校方负责人"), 30)
    unit_leader_post = text(_("校方负责人职务"), 40)
    unit_leader_title = title(_("校方负责人职称"))
    unit_leader_phone = text(_("校方负责人手机"), 11)
    unit_leader_email = models.EmailField(_("校方负责人邮箱"), blank=True)
    partner_leader_name = text(_("合作方负责人"), 30)
    partner_leader_post = text(_("合作方负责人职务"), 40)
    partner_leader_title = title(_("合作方负责人职称"))
    partner_leader_phone = text(_("合作方负责人手机"), 11)
    partner_leader_email = models.EmailField(_("合作方负责人邮箱"), blank=True)
    contact_name = text(_("联系人"), 30)
    contact_phone = text(_("联系人手机"), 11)
    contact_email = models.EmailField(_("联系人邮箱"), blank=True)
    partner_office = text(_("合作方专门管理机构"), 100)
    partner_office_head = text(_("合作方专人"), 60)
    college = text(_("依托学院"), 60)
    authorised_year = models.PositiveSmallIntegerField(_("授权获批年份"), null=True, blank=True)
    level = models.CharField(_("层次"), max_length=10, blank=True, choices=CategoryAuthorisation.Level)
    # Of the three years before the round's own, the last one first.
    enrolled_1 = count(_("在校生（上一年）"))
    enrolled_2 = count(_("在校生（前年）"))
    enrolled_3 = count(_("在校生（大前年）"))
    graduated_1 = count(_("毕业生（上一年）"))
    graduated_2 = count(_("毕业生（前年）"))
    graduated_3 = count(_("毕业生（大前年）"))

    class Meta:
        verbose_name = _("申请书：基本信息")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    unit_leader_phone__regex=PHONE, partner_leader_phone__regex=PHONE, contact_phone__regex=PHONE
                ),
                name="basics_phones_can_be_called",
            ),
            models.CheckConstraint(
                condition=Q(authorised_year=None) | Q(authorised_year__range=(1990, 2100)),
                name="basics_authorised_year_plausible",
            ),
            models.CheckConstraint(condition=Q(level__in=["", "master", "doctor"]), name="basics_level_known"),
            models.CheckConstraint(
                condition=Q(unit_leader_title__in=["", *ProfessionalTitle.values])
                & Q(partner_leader_title__in=["", *ProfessionalTitle.values]),
                name="basics_titles_known",
            ),
            models.CheckConstraint(
                condition=_at_most(
                    100_000, "enrolled_1", "enrolled_2", "enrolled_3", "graduated_1", "graduated_2", "graduated_3"
                ),
                name="basics_students_plausible",
            ),
        ]


class PartnerProfile(Part):
    """二 合作单位: size, people, money, place and safety of the partner, as they stand for this application (第七条（二）)."""

    class Size(models.TextChoices):
        LARGE = "large", _("大型")
        MEDIUM = "medium", _("中型")
        SMALL = "small", _("小型")
        MICRO = "micro", _("微型")

    application = models.OneToOneField(Application, on_delete=models.CASCADE, related_name="partner_profile")
    size = models.CharField(_("规模"), max_length=10, blank=True, choices=Size)
    # Two digits of GB/T 4754; the list grows with the standard, so it stands beside the tables and not here.
    sector = models.CharField(_("行业"), max_length=2, blank=True)
    founded_on = models.DateField(_("成立日期"), null=True, blank=True)
    legal_representative = text(_("法定代表人"), 30)
    address = text(_("地址"), 120)
    staff = count(_("职工人数"))
    technical_staff = count(_("专业技术人员"))
    senior_staff = count(_("其中高级职称"))
    revenue_1 = money(_("营业收入（上一年）"))
    revenue_2 = money(_("营业收入（前年）"))
    revenue_3 = money(_("营业收入（大前年）"))
    research_1 = money(_("研发投入（上一年）"))
    research_2 = money(_("研发投入（前年）"))
    research_3 = money(_("研发投入（大前年）"))
    had_accident = models.BooleanField(_("近三年有重大安全事故"), null=True, blank=True)
    had_dishonesty = models.BooleanField(_("近三年有失信记录"), null=True, blank=True)
    had_penalty = models.BooleanField(_("近三年受过行政处罚"), null=True, blank=True)
    incidents_note = text(_("上述情况说明"), 300)
    site_area = models.DecimalField(_("实践场地"), max_digits=10, decimal_places=2, null=True, blank=True)
    capacity = count(_("可同时接收研究生"))
    lodging = text(_("食宿条件"), 300)
    safety_rules = text(_("安全管理制度"), 300)
    several_partners_reason = text(_("一个以上合作单位的理由"), 500)

    class Meta:
        verbose_name = _("申请书：合作单位")
        constraints = [
            models.CheckConstraint(
                condition=Q(size__in=["", "large", "medium", "small", "micro"]), name="partner_size_known"
            ),
            models.CheckConstraint(condition=Q(sector__regex=r"^([0-9]{2})?$"), name="partner_sector_two_digits"),
            models.CheckConstraint(
                condition=_not_negative(
                    "revenue_1", "revenue_2", "revenue_3", "research_1", "research_2", "research_3", "site_area"
                ),
                name="partner_figures_not_negative",
            ),
            models.CheckConstraint(
                condition=_at_most(10_000_000, "staff", "technical_staff", "senior_staff", "capacity"),
                name="partner_people_plausible",
            ),
        ]


class ConstructionPlan(Part):
    """五 建设方案, in words (第八条（二）, 第十一条)."""

    application = models.OneToOneField(Application, on_delete=models.CASCADE, related_name="plan")
    reason = text(_("申报理由"), 800)
    results = text(_("前期建设成效"), 1500)
    goals = text(_("建设目标与思路"), 1000)
    training_mode = text(_("培养模式"), 1500)
    dual_mentors = text(_("双导师制"), 800)
    rules = text(_("管理制度"), 800)
    prospects = text(_("发展前景与作用"), 800)
    features = text(_("特色"), 800)

    class Meta:
        verbose_name = _("申请书：建设方案")


class SectionState(models.Model):
    """How often a section was saved, by whom last, and who has it open: so that two people on one section are told."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="section_states")
    section = models.CharField(_("部分"), max_length=20)
    version = models.PositiveIntegerField(_("保存次数"), default=0)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    saved_at = models.DateTimeField(_("最近保存"), null=True, blank=True)

    class Meta:
        verbose_name = _("申请书各部分的保存")
        constraints = [
            models.UniqueConstraint(fields=["application", "section"], name="one_state_per_section"),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}:{self.section}"


class SectionVisit(models.Model):
    """Somebody has a section open; a visit that is not renewed is over."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="visits")
    section = models.CharField(_("部分"), max_length=20)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # One window of the browser; the same person may have two.
    window = models.UUIDField()
    seen_at = models.DateTimeField(_("最近打开"))

    class Meta:
        verbose_name = _("正在填写")
        constraints = [
            models.UniqueConstraint(fields=["application", "section", "window"], name="one_visit_per_window"),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}:{self.section}:{self.user_id}"
