"""The nine matters that an agreement must make clear (第十条): their names, what to write under each, and words to begin with. No tables."""

from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# What the parties have still to fill in stands between these in the words to begin with.
BLANK_OPENS, BLANK_CLOSES = "【", "】"


class Matter(models.TextChoices):
    """One of the nine matters of 第十条, in its order."""

    WAY = "way", _("联合培养方式")
    PERIOD = "period", _("培养期限")
    CONTENT = "content", _("培养内容")
    CONDITIONS = "conditions", _("学习或科研条件")
    PRACTICE = "practice", _("实践训练")
    EXCHANGE = "exchange", _("学术交流")
    PROPERTY = "property", _("知识产权和技术保密")
    TREATMENT = "treatment", _("研究生待遇")
    SAFETY = "safety", _("人身安全")


@dataclass(frozen=True)
class Guide:
    """What a clause on a matter should say (``points``), and a wording to begin with; its blanks are the parties' to fill in."""

    points: tuple[str | Promise, ...]
    wording: str | Promise


GUIDES: dict[Matter, Guide] = {
    Matter.WAY: Guide(
        (_("校内导师和行业产业导师怎样分工"), _("双方各自负责的阶段"), _("日常联系由谁负责")),
        _(
            "双方以双导师制共同培养研究生，每名研究生配备校内导师和乙方导师各一名。在校学习期间由校内导师为主指导，在基地期间由乙方导师为主指导，两位导师每月至少沟通一次。\n"
            "乙方推荐导师人选，甲方按规定聘任、培训并每年考核。双方各指定一名联系人，甲方为【姓名、职务】，乙方为【姓名、职务】。"
        ),
    ),
    Matter.PERIOD: Guide(
        (
            _("课程、实践、论文三个阶段的先后和时长"),
            _("在基地的时间，一般 6 至 12 个月"),
            _("提前或推后结束怎样通知对方"),
        ),
        _(
            "培养分课程学习、专业实践、学位论文三个阶段：课程学习在甲方进行；专业实践在乙方进行，时间为【六至十二】个月；学位论文阶段一般回到甲方。\n"
            "任何一方需要提前或者推后结束某名研究生的实践，应当提前一个月书面通知对方；不足一个月的，须经对方同意。"
        ),
    ),
    Matter.CONTENT: Guide(
        (_("适用的专业学位类别和培养方案"), _("课程、案例、教材怎样共建"), _("学位论文选题与基地项目的关系")),
        _(
            "培养内容依照甲方【专业学位类别】研究生培养方案确定，由双方导师为每名研究生制订实践计划。\n"
            "双方共同开发【课程和案例的数量、名称】；学位论文选题以基地承担的实际课题为主，突出应用。"
        ),
    ),
    Matter.CONDITIONS: Guide(
        (_("实验室、工位、设备、资料"), _("食宿由谁安排"), _("甲方开放的资源")),
        _(
            "乙方为研究生提供【实验室或工作场所、主要设备】和开展课题所需的资料，并安排住宿和用餐：【标准和费用承担】。\n"
            "甲方向乙方参与培养的人员开放图书、数据库和【平台】等资源。"
        ),
    ),
    Matter.PRACTICE: Guide(
        (_("岗位和实践项目怎样确定"), _("每月考核由谁进行"), _("结束时出具实践鉴定")),
        _(
            "乙方每年根据生产和科研需要提出岗位，由双方商定人选；实践任务写入研究生的实践计划，由乙方导师安排并指导。\n"
            "乙方每月对研究生进行一次考核，实践结束时出具专业实践鉴定，对表现突出的给予奖励。"
        ),
    ),
    Matter.EXCHANGE: Guide(
        (_("每年共同举办的活动"), _("双方人员互访、讲学"), _("研究生参加会议和竞赛的支持")),
        _(
            "双方每年共同举办学术报告、技术研讨等活动不少于【次数】次，轮流承办；双方导师互相讲学，为研究生参加学术会议、学科竞赛和创新创业活动提供支持。"
        ),
    ),
    Matter.PROPERTY: Guide(
        (
            _("论文署名和成果归属怎样商定"),
            _("发表、公开之前向谁申请"),
            _("论文开题前的涉密确认"),
            _("保密的范围和期限"),
        ),
        _(
            "合作中形成的论文署名、专利和其他成果的归属与使用，由双方和两位导师在课题开始前书面商定；没有商定的，按完成人所在单位的贡献确定。\n"
            "研究生公开发表或者交流课题内容，须先向课题立项一方申请并得到同意；以实践内容撰写学位论文的，开题之前由乙方确认是否涉密。\n"
            "双方及研究生对合作中知悉的未公开资料和技术负保密责任，期限为【年限】。"
        ),
    ),
    Matter.TREATMENT: Guide(
        (_("生活补贴的标准、发放时间和方式"), _("奖励"), _("费用由哪一方承担")),
        _(
            "研究生在基地期间，乙方根据每月考核结果发放生活补贴，标准不低于本协议约定的下限，于次月【日】前发放到研究生本人账户。\n"
            "研究生参与的成果符合条件的，乙方按内部规定给予奖励和推荐。研究生在甲方享受的奖助学金不因进入基地而减少。"
        ),
    ),
    Matter.SAFETY: Guide(
        (_("进入基地前的安全教育和实践安全协议"), _("意外伤害保险由谁购买"), _("患病、事故怎样处理")),
        _(
            "研究生进入基地之前，由乙方进行安全教育，并与研究生、校内导师签订实践安全协议；由本协议约定的一方为其购买意外伤害保险，保险期覆盖在基地的全部时间。\n"
            "乙方提供符合规定的劳动保护。研究生因病不能继续实践的，终止实践并返回甲方；发生意外的，乙方立即救治并在【时限】内通知甲方，双方共同处理。"
        ),
    ),
}


def has_blank(text: str) -> bool:
    """Whether a wording still has a blank that the parties have not filled in."""
    return BLANK_OPENS in text and BLANK_CLOSES in text[text.index(BLANK_OPENS) :]
