"""Words for people that the papers of all stages use: professional titles, degrees, levels and modes of study, masked numbers. No tables."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ProfessionalTitle(models.TextChoices):
    """职称, by level."""

    SENIOR = "senior", _("正高级")
    ASSOCIATE = "associate", _("副高级")
    MIDDLE = "middle", _("中级")
    JUNIOR = "junior", _("初级")
    NONE = "none", _("无")


class Degree(models.TextChoices):
    """学历 of a mentor from the profession."""

    DOCTOR = "doctor", _("博士研究生")
    MASTER = "master", _("硕士研究生")
    BACHELOR = "bachelor", _("大学本科")
    OTHER = "other", _("大专及以下")


class StudyLevel(models.TextChoices):
    """层次 of a postgraduate."""

    MASTER = "master", _("硕士")
    DOCTOR = "doctor", _("博士")


class StudyMode(models.TextChoices):
    """培养方式 of a postgraduate."""

    FULL_TIME = "full_time", _("全日制")
    PART_TIME = "part_time", _("非全日制")
