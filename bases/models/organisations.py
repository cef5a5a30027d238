from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bases.models.catalogue import DegreeCategory, Division
from bases.validators import validate_credit_code, validate_credit_code_form
from portal.models import StoredFile
from portal.roles import DEPARTMENT_ROLES, EXCLUSIVE_ROLES, UNIT_ROLES, Role


class Department(models.Model):
    """The province's department of education (教育厅), which recognises, assesses and revokes (第四条)."""

    name = models.CharField(_("名称"), max_length=60, unique=True)
    document_word = models.CharField(_("发文机关代字"), max_length=20, default="教研函")
    office = models.CharField(_("承办处室"), max_length=60)
    supervision_office = models.CharField(_("监督处室"), max_length=60)
    phone = models.CharField(_("电话"), max_length=40)
    email = models.EmailField(_("邮箱"))
    address = models.CharField(_("地址"), max_length=120)

    class Meta:
        verbose_name = _("教育厅")

    def __str__(self) -> str:
        return self.name


class TrainingUnit(models.Model):
    """A 研究生培养单位: a university or research institute of the region that applies and recommends (第四条, 第六条)."""

    class Kind(models.TextChoices):
        UNIVERSITY = "university", _("高等学校")
        INSTITUTE = "institute", _("科研院所")

    code = models.CharField(
        _("院校代码"),
        max_length=5,
        unique=True,
        validators=[RegexValidator(r"^[0-9]{5}$", _("院校代码是 5 位数字，请核对。"))],
    )
    name = models.CharField(_("名称"), max_length=60, unique=True)
    kind = models.CharField(_("类型"), max_length=12, choices=Kind, default=Kind.UNIVERSITY)
    division = models.ForeignKey(Division, verbose_name=_("所在盟市"), on_delete=models.PROTECT, related_name="+")
    double_first_class = models.BooleanField(_("“双一流”建设"), default=False)
    document_word = models.CharField(_("发文机关代字"), max_length=20, blank=True)
    office = models.CharField(_("承办部门"), max_length=60, default="研究生院")
    supervision_office = models.CharField(_("监督部门"), max_length=60, default="纪检监察机构")
    phone = models.CharField(_("电话"), max_length=40, blank=True)
    email = models.EmailField(_("邮箱"), blank=True)
    address = models.CharField(_("地址"), max_length=120, blank=True)
    categories = models.ManyToManyField(
        DegreeCategory, through="bases.CategoryAuthorisation", verbose_name=_("授权类别")
    )

    class Meta:
        verbose_name = _("研究生培养单位")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["university", "institute"]), name="training_unit_kind_known"),
            models.CheckConstraint(condition=Q(code__regex=r"^[0-9]{5}$"), name="training_unit_code_five_digits"),
        ]

    def __str__(self) -> str:
        return self.name


class PartnerUnit(models.Model):
    """A 校外合作单位 of one of the kinds of 第七条（二）, keyed by its 统一社会信用代码 (GB 32100)."""

    class Kind(models.TextChoices):
        GOVERNMENT = "government", _("地方政府及职能部门")
        ENTERPRISE = "enterprise", _("企业")
        PUBLIC_INSTITUTION = "public_institution", _("事业单位")
        INSTITUTE = "institute", _("科研院所")
        SOCIAL = "social", _("其他社会组织")

    credit_code = models.CharField(_("统一社会信用代码"), max_length=18, unique=True)
    name = models.CharField(_("名称"), max_length=100, unique=True)
    kind = models.CharField(_("性质"), max_length=20, choices=Kind)
    division = models.ForeignKey(Division, verbose_name=_("所在盟市"), on_delete=models.PROTECT, related_name="+")
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # A code that was really issued can fail the check digit; then an officer says why it is right, and keeps its scan.
    code_exception_reason = models.CharField(_("校验码不符仍予登记的理由"), max_length=300, blank=True)
    code_exception_scan = models.ForeignKey(
        StoredFile, verbose_name=_("证照扫描件"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("校外合作单位")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["government", "enterprise", "public_institution", "institute", "social"]),
                name="partner_unit_kind_of_article_7_2",
            ),
            models.CheckConstraint(
                condition=Q(credit_code__regex=r"^[0-9A-HJ-NPQRTUWXY]{18}$"), name="partner_unit_credit_code_form"
            ),
            models.CheckConstraint(
                condition=Q(code_exception_reason="", code_exception_scan=None)
                | (~Q(code_exception_reason="") & Q(code_exception_scan__isnull=False)),
                name="code_exception_has_reason_and_scan",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """The check digit must hold, unless an officer has said why this code is right all the same."""
        if not self.credit_code:
            return  # the field itself says that it is missing
        validate = validate_credit_code_form if self.code_exception_reason else validate_credit_code
        try:
            validate(self.credit_code)
        except ValidationError as error:
            raise ValidationError({"credit_code": error}) from error


def _organisation_fits_role() -> Q:
    nothing = Q(training_unit=None, partner_unit=None, department=None)
    return (
        Q(role__in=sorted(UNIT_ROLES), training_unit__isnull=False, partner_unit=None, department=None)
        | Q(role=Role.PARTNER_OFFICER, partner_unit__isnull=False, training_unit=None, department=None)
        | Q(role__in=sorted(DEPARTMENT_ROLES), department__isnull=False, training_unit=None, partner_unit=None)
        | (Q(role=Role.EXPERT) & nothing)
    )


class Membership(models.Model):
    """A person's role in an organisation; every right comes from one. Withdrawn memberships stay for the record."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("人员"), on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(_("角色"), max_length=20, choices=Role)
    training_unit = models.ForeignKey(
        TrainingUnit, on_delete=models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    partner_unit = models.ForeignKey(
        PartnerUnit, on_delete=models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField(auto_now_add=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("任职")
        ordering = ["user__full_name", "role"]
        constraints = [
            models.CheckConstraint(condition=_organisation_fits_role(), name="membership_organisation_fits_role"),
            models.UniqueConstraint(
                fields=["user", "role", "training_unit", "partner_unit", "department"],
                condition=Q(withdrawn_at=None),
                nulls_distinct=False,
                name="one_live_membership_per_role_and_organisation",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(withdrawn_at=None, role__in=sorted(EXCLUSIVE_ROLES)),
                name="administrators_exclude_one_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user.full_name} · {self.get_role_display()} · {self.organisation_name}"

    @property
    def organisation_name(self) -> str:
        """The organisation in whose name the person acts; experts stand for themselves."""
        organisation = self.training_unit or self.partner_unit or self.department
        return str(organisation) if organisation else str(_("专家个人"))
