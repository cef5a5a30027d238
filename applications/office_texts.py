"""The wordings of 报送, 认定 and 立项: the unit edits its letter, the department what follows from a recognition."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from bases.office_texts import (
    BASE,
    BASES_COUNT,
    NUMBER,
    PERIOD_END,
    PUBLISHED_ON,
    TRAINING_UNIT,
    UNIT,
    YEAR,
    TextKind,
    register,
    words,
)

NOTICE_PERIOD: Final = "公示时间"
NOTICE_RESULT: Final = "公示结果"
REVISE_BY: Final = "修订期限"
REASON: Final = "理由"
COMMENTS: Final = "专家意见"
_REVISE_BY = {REVISE_BY: _("提交修订后的协议的最后一天")}
_REVISED = {REVISE_BY: _("2027年1月23日")}


def register_all() -> None:
    """Hand the kinds down."""
    for kind in (
        TextKind(
            key="recommendation_notice", label=_("推荐公示"), articles="6 8(2)", office=UNIT, words=words(YEAR, TRAINING_UNIT),
            title_max=120, text_max=3000, title_form=_("关于……的公示"),
            required=frozenset({YEAR}),
            default_title=_("关于【培养单位】【年度】年度研究生联合培养基地推荐名单的公示"),
            default_text=_(
                "根据自治区研究生联合培养基地建设管理办法第八条和【年度】年度申报工作安排，经各专业学位授权点申报、研究生院六项审核，"
                "拟推荐下列基地参加认定，现予公示，名单附后。"
            ),
        ),
        TextKind(
            key="cover_letter", label=_("报送函"), articles="8(2)", office=UNIT,
            words=words(YEAR) | {
                NOTICE_PERIOD: _("各次公示的起止日期"), NOTICE_RESULT: _("公示期间有无异议的一句话"),
            },
            required=frozenset({YEAR, NOTICE_PERIOD, NOTICE_RESULT}),
            default_title=_("关于推荐【年度】年度研究生联合培养基地的函"),
            default_text=_(
                "根据自治区研究生联合培养基地建设管理办法第八条和【年度】年度申报工作安排，我单位组织了申报，对申报材料作了六项审核。\n"
                "拟推荐的基地名单已面向社会公示，公示时间为【公示时间】；【公示结果】。\n"
                "现推荐附件所列研究生联合培养基地参加认定，按推荐顺序排列，请予审核。"
            ),
            examples={
                NOTICE_PERIOD: _("2026年5月11日至2026年5月18日"),
                NOTICE_RESULT: _("所推荐的基地在公示期间没有收到异议"),
            },
        ),
        TextKind(
            key="recognition_notice", label=_("认定公示"), articles="8(4)", words=words(YEAR),
            title_max=120, text_max=3000, title_form=_("关于……的公示"),
            required=frozenset({YEAR}),
            default_title=_("关于【年度】年度研究生联合培养基地拟认定名单的公示"),
            default_text=_(
                "根据自治区研究生联合培养基地建设管理办法第八条，经培养单位推荐、专家评审和厅内审议，拟认定下列研究生联合培养基地，"
                "现予公示，名单附后。"
            ),
        ),
        TextKind(
            key="recognition", label=_("认定文件"), articles="8(4) 12",
            words=words(YEAR, BASES_COUNT, PUBLISHED_ON, PERIOD_END) | _REVISE_BY,
            examples=_REVISED,
            required=frozenset({BASES_COUNT, PUBLISHED_ON, PERIOD_END}),
            default_title=_("关于公布【年度】年度研究生联合培养基地名单的通知"),
            default_text=_(
                "根据自治区研究生联合培养基地建设管理办法第八条，经培养单位推荐、专家评审、厅内审议和公示，"
                "现认定附件所列【基地数】个研究生联合培养基地，予以公布。\n"
                "基地建设期自本文件公布之日（【公布日期】）起，至【建设期满】止。建设期满后，按照第十五条、第十六条组织考核。\n"
                "请各研究生培养单位会同合作单位按照第十条修订完善联合培养协议，于【修订期限】前在平台提交，落实建设方案和双方投入，规范使用经费，确保建设成效。"
            ),
        ),
        TextKind(
            key="project_notice", label=_("立项通知"), articles="8(4) 10 12",
            words=words(YEAR, NUMBER, TRAINING_UNIT, BASES_COUNT, PUBLISHED_ON, PERIOD_END) | _REVISE_BY,
            examples=_REVISED,
            required=frozenset({NUMBER, PUBLISHED_ON, PERIOD_END}),
            default_title=_("关于【年度】年度研究生联合培养基地立项建设的通知"),
            default_text=_(
                "我厅已以【文号】公布【年度】年度研究生联合培养基地名单，你单位附件所列【基地数】个基地予以立项建设。现将有关事项通知如下。\n"
                "一、建设期限。建设期自【公布日期】起，至【建设期满】止。\n"
                "二、修订协议。请会同合作单位按照自治区研究生联合培养基地建设管理办法第十条修订完善联合培养协议，明确联合培养方式、培养期限、"
                "培养内容、学习或科研条件、实践训练、学术交流、知识产权和技术保密、研究生待遇、人身安全等内容，于【修订期限】前在平台提交，由合作单位确认。\n"
                "三、落实建设。按照申请书中的建设方案建立管理机构，明确专人负责，遴选聘任双导师；落实双方投入，经费专款专用。\n"
                "四、接受考核。建设期满后组织建设成效考核，请注意积累研究生实践、导师指导、实践成果和经费使用等方面的材料。"
            ),
        ),
        TextKind(
            key="review_result", label=_("评审结果通知"), articles="8(3) 8(4)",
            words=words(YEAR, TRAINING_UNIT, BASE) | {
                REASON: _("不予认定时写明的理由"), COMMENTS: _("经专家评审的，说明意见见附件的一句话；没有经专家评审的为空"),
            },
            required=frozenset({BASE, REASON}),
            default_title=_("关于【基地名称】评审结果的通知"),
            default_text=_(
                "你单位推荐的【基地名称】参加了【年度】年度研究生联合培养基地评审。根据自治区研究生联合培养基地建设管理办法第八条，"
                "经评审和审核，该基地本年度未予认定。\n"
                "理由：【理由】\n"
                "【专家意见】补充完善之后，可以按照第五条在以后年度的批次中再次申报。"
            ),
            examples={
                REASON: _("综合得分未达到本年度初步名单的入选分数线。"),
                COMMENTS: _("评审专家对申报材料的意见见附件，请转达申报人，供改进建设时参考。"),
            },
        ),
    ):  # fmt: skip
        register(kind)
