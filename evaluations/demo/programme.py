"""The bases of the demo, unit by unit, each with its story: every state is there, several of them more than once."""

from dateutil.relativedelta import relativedelta

from bases.lifecycle import Grade
from evaluations.demo import reviews
from evaluations.demo.cast import (
    CHANGFENG,
    CLOUD,
    COUNTY,
    DAIRY,
    DESERT,
    HOSPITAL,
    QIONGLU,
    SOCIETY,
    WIND,
    XINGYE,
    YUNGUI,
)
from evaluations.demo.months import with_months
from evaluations.demo.practice import with_students
from evaluations.demo.stories import Part, Stage, built, way

YEARS = relativedelta(years=3)

PROGRAMME = (
    # 穹庐大学
    Part(
        "老年护理", QIONGLU, HOSPITAL, "1054", "care", "老年护理和长期照护",
        Stage.filled,
    ),
    Part(
        "乡村法律援助", QIONGLU, SOCIETY, "0351", "law", "乡村法律援助",
        lambda s, p: way(p, "declare", s.ago(4)), applicant="duojuese",
    ),
    Part(
        "乡村社会工作", QIONGLU, SOCIETY, "0352", "care", "乡村社会工作服务",
        lambda s, p: s.objected_in_vain(p, "publish_unit_notice", s.ended_notice()),
    ),
    Part(
        "全科医学人才", QIONGLU, HOSPITAL, "1051", "health", "基层全科医学",
        reviews.waiting_for_a_plan,
    ),
    Part(
        "草原文旅数字化", QIONGLU, CLOUD, "1254", "culture_tourism", "文化旅游的数字化",
        reviews.before_the_meeting("草原文旅数字化"),
    ),
    Part(
        "急危重症护理", QIONGLU, HOSPITAL, "1054", "health", "急危重症护理",
        lambda s, p: way(p, "publish_recognition_notice", s.ago(2)),
    ),
    Part(
        "远程医疗信息", QIONGLU, HOSPITAL, "0854", "information_technology", "远程医疗信息系统",
        Stage.not_recognised,
    ),
    Part(
        "社区护理", QIONGLU, HOSPITAL, "1054", "care", "社区护理服务",
        lambda s, p: built(p, s.ago(10)),
    ),
    Part(
        "大模型数据治理", QIONGLU, CLOUD, "0854", "information_technology", "大模型的数据治理",
        lambda s, p: with_students(s, p, s.ago(days=-26) - YEARS),
    ),
    Part(
        "智能算力运维", QIONGLU, CLOUD, "0854", "information_technology", "智能算力中心的运维",
        lambda s, p: built(p, s.ago(46) - YEARS),
    ),
    Part(
        "乡村教师发展", QIONGLU, SOCIETY, "0451", "education", "乡村教师专业发展",
        lambda s, p: s.graded(p, s.ago(260), Grade.EXCELLENT),
    ),
    Part(
        "教育数字化", QIONGLU, SOCIETY, "0451", "education", "基础教育数字化",
        lambda s, p: s.leaving(p, s.ago(330), s.ago(90), filed=True),
    ),
    # 长风理工大学
    Part(
        "工业互联网", CHANGFENG, CLOUD, "0854", "", "工业互联网平台",
        Stage.half_filled,
    ),
    Part(
        "新能源材料回收", CHANGFENG, WIND, "0856", "chemicals_materials", "退役新能源设备的材料回收",
        Stage.in_a_draft,
    ),
    Part(
        "风电装备智能运维", CHANGFENG, WIND, "0855", "advanced_manufacturing", "风电装备的智能运维",
        Stage.corrected,
    ),
    Part(
        "光伏支架结构", CHANGFENG, WIND, "0859", "modern_energy", "光伏支架结构设计",
        Stage.not_recommended,
    ),
    Part(
        "工业软件应用", CHANGFENG, CLOUD, "0854", "information_technology", "工业软件的应用开发",
        reviews.before_the_meeting("工业软件应用"),
    ),
    Part(
        "风电叶片检测", CHANGFENG, WIND, "0855", "advanced_manufacturing", "风电叶片的无损检测",
        reviews.before_the_meeting("风电叶片检测"),
    ),
    Part(
        "绿色数据中心建造", CHANGFENG, CLOUD, "0859", "energy_saving", "数据中心的绿色建造",
        lambda s, p: s.objected(p, "publish_recognition_notice", accepted=False),
    ),
    Part(
        "储能系统工程", CHANGFENG, WIND, "0858", "modern_energy", "储能系统工程",
        lambda s, p: with_months(s, p, s.graded(p, s.ago(420), Grade.QUALIFIED)),
    ),
    Part(
        "矿山机器人", CHANGFENG, WIND, "0855", "advanced_manufacturing", "矿山机器人",
        Stage.result_before_the_leader,
    ),
    Part(
        "先进结构材料", CHANGFENG, WIND, "0856", "chemicals_materials", "轻量化结构材料",
        lambda s, p: s.with_plan(p, s.ago(days=-25, years=2)),
    ),
    Part(
        "数据中心节能", CHANGFENG, CLOUD, "0858", "energy_saving", "数据中心节能",
        Stage.under_reassessment,
    ),
    Part(
        "氢能装备", CHANGFENG, WIND, "0858", "modern_energy", "氢能装备",
        Stage.struck,
    ),
    # 云归农牧大学
    Part(
        "防护林经营", YUNGUI, DESERT, "0954", "ecological_protection", "防护林的可持续经营",
        Stage.returned,
    ),
    Part(
        "智慧牧场", YUNGUI, DAIRY, "0951", "smart_agriculture", "智慧牧场管理",
        lambda s, p: s.objected(p, "publish_unit_notice", accepted=True),
    ),
    Part(
        "乳品质量控制", YUNGUI, DAIRY, "0860", "biotechnology", "乳品质量控制",
        lambda s, p: way(p, "deliberate", s.ago(2)),
    ),
    Part(
        "饲草种业", YUNGUI, COUNTY, "0951", "smart_agriculture", "饲草品种选育和推广",
        lambda s, p: way(p, "score", s.ago(2)),
    ),
    Part(
        "马铃薯种薯繁育", YUNGUI, COUNTY, "0951", "smart_agriculture", "脱毒种薯的繁育和推广",
        reviews.before_the_meeting("马铃薯种薯繁育"),
    ),
    Part(
        "草原生态修复", YUNGUI, DESERT, "0954", "ecological_protection", "退化草原的生态修复",
        reviews.revision_handed_in,
    ),
    Part(
        "乳品加工", YUNGUI, DAIRY, "0860", "biotechnology", "乳品加工工艺",
        Stage.incident_reported,
    ),
    Part(
        "兽药研发", YUNGUI, DAIRY, "0952", "biotechnology", "绿色兽药研发",
        lambda s, p: s.leaving(p, s.ago(230), s.ago(5), filed=False),
    ),
    Part(
        "动物疫病防控", YUNGUI, COUNTY, "0952", "smart_agriculture", "动物疫病防控",
        Stage.fallen,
    ),
    Part(
        "肉牛繁育", YUNGUI, DAIRY, "0951", "smart_agriculture", "肉牛繁育",
        Stage.failed_twice,
    ),
    # 星野科学研究院
    Part(
        "荒漠化监测", XINGYE, DESERT, "0857", "ecological_protection", "荒漠化遥感监测",
        reviews.half_scored, experts="zhuanjia3 zhuanjia1 zhuanjia2",
    ),
    Part(
        "沙地光伏治理", XINGYE, DESERT, "0858", "modern_energy", "沙地光伏一体化治理",
        lambda s, p: way(p, "recognise", s.ago(3)),
    ),
    Part(
        "稀土功能材料", XINGYE, WIND, "0856", "chemicals_materials", "稀土功能材料",
        Stage.with_sheets_out, experts="zhuanjia2 zhuanjia1 zhuanjia4",
    ),
    Part(
        "矿区土地复垦", XINGYE, DESERT, "0857", "energy_saving", "矿区土地复垦",
        lambda s, p: built(p, s.ago(78) - YEARS),
    ),
    Part(
        "盐碱地改良", XINGYE, COUNTY, "0857", "ecological_protection", "盐碱地改良",
        Stage.reassessed,
    ),
)  # fmt: skip
