"""The wordings of what follows from an assessment, a 复评, an incident or a request to withdraw; the department edits them."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from bases.office_texts import (
    BASE,
    GRADE,
    NEXT_DUE,
    OPENED_ON,
    PARTNER,
    TITLE_LOST,
    TRAINING_UNIT,
    YEAR,
    TextKind,
    register,
    words,
)

TITLE_NUMBER: Final = "称号编号"
SUPPORT: Final = "支持经费"
CRITICISM_NUMBER: Final = "通报文号"
STARTS_ON: Final = "整改开始"
ENDS_ON: Final = "整改截止"
REPORT_DUE: Final = "报告期限"
GROUND: Final = "撤销事由"
ARTICLE: Final = "依据条款"
DECIDED_ON: Final = "决定日期"
SIGNED_ON: Final = "申请日期"
FILED_ON: Final = "备案日期"

_ABOUT = words(BASE, TRAINING_UNIT, PARTNER, OPENED_ON)
_PARTIES = words(BASE, TRAINING_UNIT, PARTNER)


def register_all() -> None:
    """Hand the kinds down, in the order of a base's life."""
    for kind in (
        TextKind(
            key="assessment_notice", label=_("考核结果公示"), articles="15 16", words=words(YEAR),
            title_max=120, text_max=3000, title_form=_("关于……的公示"),
            required=frozenset({YEAR}),
            default_title=_("关于【年度】年研究生联合培养基地建设成效考核结果的公示"),
            default_text=_(
                "根据自治区研究生联合培养基地建设管理办法第十五条、第十六条，经单位自评、专家评审，拟定了下列研究生联合培养基地的考核等级，"
                "现予公示，名单附后。"
            ),
        ),
        TextKind(
            key="title_notice", label=_("示范基地称号公示"), articles="17", words=words(YEAR),
            title_max=120, text_max=3000, title_form=_("关于……的公示"),
            required=frozenset({YEAR}),
            default_title=_("关于【年度】年拟授予研究生联合培养示范基地称号的公示"),
            default_text=_(
                "根据自治区研究生联合培养基地建设管理办法第十七条，拟授予考核优秀的下列基地“研究生联合培养示范基地”称号，现予公示，名单附后。"
            ),
        ),
        TextKind(
            key="revocation_notice", label=_("撤销公示"), articles="19 20", words=words(YEAR),
            title_max=120, text_max=3000, title_form=_("关于……的公示"),
            required=frozenset({YEAR}),
            default_title=_("关于【年度】年拟撤销研究生联合培养基地的公示"),
            default_text=_(
                "根据自治区研究生联合培养基地建设管理办法第十九条、第二十条，拟撤销下列研究生联合培养基地，现予公示，名单附后。"
            ),
        ),
        TextKind(
            key="commendation", label=_("表彰与称号授予文件"), articles="16 17",
            words=_ABOUT | words(NEXT_DUE) | {
                TITLE_NUMBER: _("示范基地称号的编号"), SUPPORT: _("第十七条的经费支持，带单位"),
            },
            required=frozenset({BASE, TITLE_NUMBER, SUPPORT}),
            default_title=_("关于授予【基地名称】“研究生联合培养示范基地”称号的通知"),
            default_text=_(
                "根据自治区研究生联合培养基地建设管理办法第十五条、第十六条，我厅于【启动日期】启动了【基地名称】的建设成效考核。"
                "该基地由【培养单位】与【合作单位】共同建设。经提交自评报告、专家评审和审核，评定等级为优秀。\n"
                "根据第十七条，决定对【基地名称】予以表彰，授予“研究生联合培养示范基地”称号，编号【称号编号】；"
                "给予经费支持【支持经费】，专项用于基地建设。\n"
                "希望【培养单位】与【合作单位】珍惜荣誉，发挥示范作用，持续提高研究生联合培养质量。以后的考核评定为不合格或者未按规定参加考核的，"
                "取消示范基地称号。下次考核于【下次考核日期】启动。"
            ),
            examples={TITLE_NUMBER: "SF-2026-0008", SUPPORT: _("10万元")},
        ),
        TextKind(
            key="assessment", label=_("考核结果通知"), articles="16", words=_ABOUT | words(GRADE, NEXT_DUE),
            required=frozenset({BASE, GRADE}),
            default_title=_("关于【基地名称】考核结果的通知"),
            default_text=_(
                "根据自治区研究生联合培养基地建设管理办法第十五条、第十六条，我厅于【启动日期】启动了【基地名称】的建设成效考核。"
                "该基地由【培养单位】与【合作单位】共同建设。经提交自评报告、专家评审和审核，评定等级为【等级】。\n"
                "请认真研究专家意见，改进不足，继续做好基地建设和研究生培养。下次考核于【下次考核日期】启动，请提前准备自评材料。"
            ),
        ),
        TextKind(
            key="criticism", label=_("通报"), articles="17 19", words=_ABOUT | words(GRADE, TITLE_LOST),
            required=frozenset({BASE, GRADE, TITLE_LOST}),
            default_title=_("关于【基地名称】考核不合格的通报"),
            default_text=_(
                "根据自治区研究生联合培养基地建设管理办法第十五条、第十六条，我厅于【启动日期】启动了【基地名称】的建设成效考核。"
                "该基地由【培养单位】与【合作单位】共同建设。经提交自评报告、专家评审和审核，评定等级为【等级】。\n"
                "根据第十九条，现予以通报，限期整改，整改要求另行通知。【称号处理】\n"
                "请各研究生培养单位引以为戒，会同合作单位对照考核内容自查，切实保证基地建设质量。"
            ),
            examples={GRADE: _("不合格")},
        ),
        TextKind(
            key="rectification", label=_("整改通知"), articles="19",
            words=_ABOUT | {
                CRITICISM_NUMBER: _("通报的文号"), STARTS_ON: _("整改期开始的日期"), ENDS_ON: _("整改期满的日期"),
            },
            required=frozenset({BASE, STARTS_ON, ENDS_ON}),
            default_title=_("关于【基地名称】限期整改的通知"),
            default_text=_(
                "【基地名称】在【启动日期】启动的建设成效考核中评定为不合格，我厅已以【通报文号】予以通报。"
                "根据自治区研究生联合培养基地建设管理办法第十九条，现将整改要求通知如下。\n"
                "一、整改期限。整改期自【整改开始】起，至【整改截止】止。\n"
                "二、整改方案。请会同【合作单位】对照考核内容逐项查找问题，制定整改方案，写明措施、责任人和完成时间，通过管理平台提交。\n"
                "三、培养安排。整改期间妥善安排在基地研究生的学习和实践，保障其安全和待遇。\n"
                "四、复评。整改期满后进行复评，请提前准备自评材料；复评不合格的，撤销基地资格。"
            ),
            examples={
                CRITICISM_NUMBER: _("教研函〔2026〕9号"), STARTS_ON: _("2026年11月24日"), ENDS_ON: _("2028年11月24日"),
            },
        ),
        TextKind(
            key="reassessment_notice", label=_("复评通知"), articles="19",
            words=_ABOUT | {ENDS_ON: _("整改期满的日期"), REPORT_DUE: _("自评报告的提交期限")},
            required=frozenset({BASE, REPORT_DUE}),
            default_title=_("关于对【基地名称】进行复评的通知"),
            default_text=_(
                "【基地名称】的整改期于【整改截止】届满。根据自治区研究生联合培养基地建设管理办法第十九条，自【启动日期】起对该基地进行复评。\n"
                "请会同【合作单位】总结整改情况，于【报告期限】前通过管理平台提交自评报告；逾期不提交的，按未按规定参加考核处理。\n"
                "复评由专家评审。评定为合格的，继续建设；评定为不合格的，撤销基地资格。"
            ),
            examples={ENDS_ON: _("2028年11月24日"), OPENED_ON: _("2028年11月24日"), REPORT_DUE: _("2028年12月24日")},
        ),
        TextKind(
            key="reassessment", label=_("复评结果通知"), articles="19", words=_ABOUT | words(GRADE, NEXT_DUE),
            required=frozenset({BASE, GRADE}),
            default_title=_("关于【基地名称】复评结果的通知"),
            default_text=_(
                "根据自治区研究生联合培养基地建设管理办法第十九条，我厅于【启动日期】启动了【基地名称】整改期满后的复评。"
                "该基地由【培养单位】与【合作单位】共同建设。经提交自评报告、专家评审和审核，复评结果为【等级】，基地继续建设。\n"
                "请巩固整改成果，持续改进。下次考核于【下次考核日期】启动，请提前准备自评材料。"
            ),
        ),
        TextKind(
            key="revocation", label=_("撤销决定"), articles="17 19 20",
            words=_PARTIES | words(TITLE_LOST) | {
                GROUND: _("撤销的事由"), ARTICLE: _("所依据的条款"), DECIDED_ON: _("作出决定的日期"),
            },
            required=frozenset({BASE, GROUND, ARTICLE, TITLE_LOST}),
            default_title=_("关于撤销【基地名称】的决定"),
            default_text=_(
                "【基地名称】由【培养单位】与【合作单位】共同建设。经查，该基地【撤销事由】。\n"
                "根据自治区研究生联合培养基地建设管理办法【依据条款】，经研究，决定撤销【基地名称】的研究生联合培养基地资格，"
                "自【决定日期】起生效。【称号处理】\n"
                "请【培养单位】会同【合作单位】妥善安排在基地研究生的后续培养，按规定清理基地经费，处理未了事项。"
            ),
            examples={GROUND: _("整改期满复评不合格"), ARTICLE: _("第十九条"), DECIDED_ON: _("2026年11月24日")},
        ),
        TextKind(
            key="withdrawal", label=_("自主撤销备案"), articles="21",
            words=_PARTIES | words(TITLE_LOST) | {SIGNED_ON: _("双方签署申请的日期"), FILED_ON: _("备案的日期")},
            required=frozenset({BASE, FILED_ON, TITLE_LOST}),
            default_title=_("关于【基地名称】自主撤销备案的函"),
            default_text=_(
                "你单位与【合作单位】于【申请日期】共同签署的自主撤销【基地名称】的书面申请收悉。\n"
                "经审核，符合自治区研究生联合培养基地建设管理办法第二十一条规定的条件，予以备案，基地资格自【备案日期】起终止。【称号处理】\n"
                "请会同【合作单位】妥善安排在基地研究生的后续培养，按规定清理基地经费，处理未了事项。"
            ),
            examples={SIGNED_ON: _("2026年11月10日"), FILED_ON: _("2026年11月24日")},
        ),
    ):  # fmt: skip
        register(kind)
