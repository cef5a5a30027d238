"""The thirteen priority industries (优先产业) of 第七条（一）: a base that serves one may be recommended first."""

from django.utils.translation import gettext_noop as _

# Plain strings: they go into choices, exports and the history alike. The keys are stored, so they never change.
PRIORITY_INDUSTRIES: tuple[tuple[str, str], ...] = (
    ("modern_energy", _("现代能源")),
    ("information_technology", _("信息技术")),
    ("energy_saving", _("节能环保")),
    ("advanced_manufacturing", _("高端装备与智能制造")),
    ("chemicals_materials", _("现代化工与新材料")),
    ("biotechnology", _("生物技术")),
    ("smart_agriculture", _("智慧农牧业")),
    ("ecological_protection", _("生态保护")),
    ("education", _("教育")),
    ("health", _("医疗健康")),
    ("care", _("养老托育")),
    ("culture_tourism", _("文化旅游")),
    ("law", _("法律")),
)
