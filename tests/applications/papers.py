"""申请书 with invented contents, as long as a test wants them. No database."""

from applications.content import Column, Content, Fact, Section, Table, Text

SENTENCE = "双方自二〇二三年起共建联合培养基地，研究生进入企业一线承担真实课题，校内导师与行业产业导师共同指导。"


def table(key: str, label: str, columns: list[Column], rows: list[list[str]], foot: list[str] | None = None) -> Table:
    return Table(key, label, columns, rows, [f"{key}-{n}" for n in range(len(rows))], foot or [])


def roster(students: int) -> Table:
    """The roster with its fourteen columns; every row begins and ends with a mark of its own."""
    columns = [
        Column("name", "姓名", weight=2), Column("number", "学号", weight=2), Column("category", "专业学位类别", weight=2),
        Column("field", "领域", weight=2), Column("level", "层次"), Column("mode", "学习方式", weight=2),
        Column("campus", "校内导师", weight=2), Column("industry", "行业导师", weight=2), Column("entered", "进入基地", weight=2),
        Column("left", "离开基地", weight=2), Column("project", "实践项目", weight=3), Column("thesis", "论文题目", weight=3),
        Column("graduated", "毕业年份"), Column("destination", "去向", weight=2),
    ]  # fmt: skip
    rows = [
        [
            f"张喆{n}", f"2023{n:06d}", "0855 机械", "智能制造", "硕士", "全日制", "王堃", "李玥", "2023-09-01", "2024-06-30",
            "矿用自卸车传动系统状态监测与故障预警", "基于多源信号融合的重载变速器早期故障诊断方法研究", "2025", f"去向{n}",
        ]
        for n in range(1, students + 1)
    ]  # fmt: skip
    return table("trained_students", "已联合培养研究生名单", columns, rows)


def paper(
    *, students: int = 8, text: int = 800, projects: int = 3, name: str = "北疆大学—草原装备公司机械类基地"
) -> Content:
    """A whole 申请书: ``text`` characters in each long answer, so many rows in its tables."""
    essay = (SENTENCE * (text // len(SENTENCE) + 1))[:text]
    half = len(essay) // 2
    essay = f"{essay[:half]}\n{essay[half:]}" if essay else ""
    people = [
        Fact(f"{side}_{key}", f"{who}{label}", value)
        for side, who, full_name in (("unit", "校方负责人", "赵翀"), ("partner", "合作方负责人", "钱昇"))
        for key, label, value in (
            ("name", "姓名", full_name), ("post", "职务", "院长"), ("title", "职称", "教授"), ("phone", "手机", "13800000000"),
            ("email", "邮箱", "someone.with.a.long.name@example.invalid"),
        )
    ]  # fmt: skip
    texts = ["申报理由", "前期成效", "目标思路", "培养模式", "双导师", "管理制度", "发展前景与作用", "特色"]
    return Content(
        name, 2026, "北疆大学",
        [
            Section("cover", "", "封面", "5", [
                Fact("name", "基地名称", name), Fact("unit", "研究生培养单位", "北疆大学（19001）"),
                Fact("category", "专业学位类别", "机械（0855）"), Fact("field", "领域", "智能制造"),
                Fact("partner", "校外合作单位", "草原装备有限公司"), Fact("credit_code", "统一社会信用代码", "91150100MA0XM0T1X3"),
                Fact("partner_kind", "合作单位性质", "企业"), Fact("division", "所在盟市、旗县区", "包头市昆都仑区"),
                Fact("priority_industry", "优先产业", "现代装备制造"), Fact("year", "申报年度", "2026"),
            ], [], []),
            Section("basics", "一", "基本信息", "6", [
                *people, Fact("office", "合作方的专门管理机构", "人力资源部研究生工作站"), Fact("note", "备注", ""),
            ], [], []),
            Section("partner", "二", "合作单位", "7(2)", [
                Fact("sector", "行业", "C35 专用设备制造业"), Fact("staff", "职工人数", "1,200 人"),
                Fact("lodging", "食宿条件", "研究生公寓四十间，\n食堂就餐有补贴。"), Fact("had_accident", "近三年重大安全事故", "否"),
            ], [], [
                table("platforms", "科研创新平台", [Column("name", "名称", weight=4), Column("year", "批准年份")], []),
                table(
                    "projects", "可提供的实践项目",
                    [Column("name", "项目名称", weight=3), Column("source", "来源", weight=2), Column("places", "可接收人数（人）", True), Column("summary", "内容", weight=4)],
                    [[f"项目{n}始", "企业委托", "1,234", f"研制样机并完成现场试验，形成报告。项目{n}终"] for n in range(1, projects + 1)],
                    ["合计", "", f"{1234 * projects:,}", ""],
                ),
            ]),
            Section("cooperation", "三", "前期合作", "7(3)", [Fact("started", "合作起始日", "2023-03-01")], [], [
                table(
                    "contributions", "双方投入情况",
                    [Column("year", "年度"), Column("side", "投入方", weight=2), Column("amount", "金额（万元）", True, 2), Column("note", "说明", weight=3)],
                    [["2023", "培养单位", "120.5", "实训设备"], ["2024", "合作单位", "1,300", "中试车间"]], ["合计", "", "1,420.5", ""],
                ),
            ]),
            Section("students", "三（续）", "培养研究生名单", "7(3)", [], [], [roster(students)]),
            Section("mentors", "四", "导师", "11", [], [], [
                table(
                    "campus_mentors", "校内导师", [Column("name", "姓名", weight=2), Column("direction", "研究方向", weight=3)],
                    [["王堃", "机械系统动力学"], ["孙赟", "智能制造"]],
                ),
                table(
                    "industry_mentors", "行业产业导师",
                    [
                        Column("name", "姓名", weight=2), Column("employer", "单位", weight=3), Column("post", "职务", weight=2),
                        Column("title", "职称", weight=2), Column("degree", "学历", weight=2),
                        Column("years", "从事相关行业年限（年）", True), Column("appointment", "聘任文号", weight=3),
                        Column("until", "聘期至", weight=2),
                    ],
                    [["李玥", "草原装备有限公司", "总工程师", "正高级", "博士", "21", "北研〔2024〕8号", "2028-12-31"]],
                ),
            ]),
            Section("plan", "五", "建设方案", "8(2)", [], [Text(f"t{n}", label, essay, 800) for n, label in enumerate(texts)], []),
            Section("attachments", "六", "附件与承诺", "8(1)", [], [], [
                table("files", "附件清单", [Column("kind", "类别", weight=3), Column("name", "文件名", weight=4)], [["协议", "协议.pdf"]]),
            ]),
        ],
    )  # fmt: skip
