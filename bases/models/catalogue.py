from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class DegreeCategory(models.Model):
    """A 专业学位类别 of the catalogue of 2022, by its four-digit code (第七条（一））."""

    code = models.CharField(_("代码"), max_length=4, unique=True, validators=[RegexValidator(r"^[0-9]{4}$")])
    name = models.CharField(_("名称"), max_length=40)
    discipline = models.CharField(_("学科门类"), max_length=20)
    doctoral = models.BooleanField(_("可授博士"), default=False)

    class Meta:
        verbose_name = _("专业学位类别")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^[0-9]{4}$"), name="degree_category_code_four_digits"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.code}）"


class CategoryAlias(models.Model):
    """A name or code that a category had before the catalogue of 2022; an old one may have become several (工程 0852 → 0854–0861)."""

    category = models.ForeignKey(DegreeCategory, on_delete=models.CASCADE, related_name="aliases")
    code = models.CharField(_("旧代码"), max_length=4, blank=True, validators=[RegexValidator(r"^[0-9]{4}$")])
    name = models.CharField(_("旧名称"), max_length=40)

    class Meta:
        verbose_name = _("专业学位类别旧称")
        ordering = ["code", "name"]
        constraints = [
            models.UniqueConstraint(fields=["category", "code", "name"], name="alias_once_per_category"),
            models.CheckConstraint(condition=models.Q(code__regex=r"^([0-9]{4})?$"), name="alias_code_four_digits"),
            models.CheckConstraint(condition=~models.Q(name=""), name="alias_has_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.code}）" if self.code else self.name


class Division(models.Model):
    """An administrative division of the region: 盟市 (code ends in 00) or 旗县区, by its six-digit code."""

    code = models.CharField(_("代码"), max_length=6, unique=True, validators=[RegexValidator(r"^[0-9]{6}$")])
    name = models.CharField(_("名称"), max_length=40)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")

    class Meta:
        verbose_name = _("行政区划")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=models.Q(code__regex=r"^[0-9]{6}$"), name="division_code_six_digits")
        ]

    def __str__(self) -> str:
        return f"{self.parent.name}{self.name}" if self.parent_id and self.parent else self.name


class CategoryAuthorisation(models.Model):
    """A category in which a training unit may award degrees (第六条, 第七条（一））."""

    class Level(models.TextChoices):
        MASTER = "master", _("硕士")
        DOCTOR = "doctor", _("硕士、博士")

    training_unit = models.ForeignKey("bases.TrainingUnit", on_delete=models.CASCADE, related_name="authorisations")
    category = models.ForeignKey(
        DegreeCategory, verbose_name=_("专业学位类别"), on_delete=models.PROTECT, related_name="+"
    )
    year = models.PositiveSmallIntegerField(_("获批年份"))
    level = models.CharField(_("层次"), max_length=10, choices=Level, default=Level.MASTER)
    fields = ArrayField(models.CharField(max_length=40), verbose_name=_("领域"), default=list, blank=True)

    class Meta:
        verbose_name = _("授权类别")
        ordering = ["category__code"]
        constraints = [
            models.UniqueConstraint(
                fields=["training_unit", "category"], name="one_authorisation_per_unit_and_category"
            ),
            models.CheckConstraint(
                condition=models.Q(level__in=["master", "doctor"]), name="authorisation_level_known"
            ),
            models.CheckConstraint(condition=models.Q(year__range=(1990, 2100)), name="authorisation_year_plausible"),
        ]

    def __str__(self) -> str:
        return f"{self.training_unit}：{self.category}"
