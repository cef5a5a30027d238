from decimal import Decimal

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portal.migrating import Together

# What earns the points of the default sheets, by criterion; who has changed the sheet keeps their own words.
DESCRIPTORS = {
    "application": {
        "fit": "看所依托学位点的授权年限、特色方向和招生规模，是否对接基地所在产业的真实用人需求；与优先产业直接对应、方向集中的得高分，只在名称上相近的得低分。",
        "partner": "看合作单位的规模和行业影响、科研平台、设备和场地、可供研究生承担的在研项目、食宿与安全保障；能同时接收多名研究生并有专人负责的得高分。",
        "results": "看合作年限、已培养的研究生人数和去向、联合完成的项目、论文、专利、标准和成果转化；以材料中能核对的事实为准，只有意向的不给分。",
        "mentors": "看校内导师和行业导师的数量、职称、行业经历和指导人数，双方导师能否一一对应；行业导师稳定、有明确职责和考核办法的得高分。",
        "plan": "看建设目标是否可以检查、年度任务是否可行、招生与实践安排是否与培养方案衔接；有逐年指标和责任人的得高分，只有原则表述的得低分。",
        "support": "看双方经费投入和到位情况、研究生生活补贴标准、管理机构和规章制度；投入有凭证、制度已施行的得高分，只有承诺的得低分。",
    },
    "assessment": {
        "practice": "看考核期内进入基地实践的研究生人数、时长和完成情况，实践任务与专业的契合程度；以实践记录为准，培养成效突出的得高分。",
        "mentors": "看双导师是否落实到每名研究生、指导记录是否完整、导师培训和考核是否按年开展。",
        "integration": "看双方共同开发课程、共建平台、联合攻关和共同制定培养方案的情况，合作单位是否参与培养全过程。",
        "results": "看研究生在基地完成的论文、专利、标准、案例、成果转化和获奖，以及用人单位的评价。",
        "funds": "看双方投入是否按计划到位、专项经费是否专款专用、生活补贴是否按时足额发放。",
        "rules": "看管理机构、规章制度、安全与保险、权益保护的建立和执行情况，有无责任事故。",
    },
}


def carry_over(apps, schema_editor):
    """Names of the experts known so far, the words of the default sheets, and which version of a sheet is in force."""
    profile_model = apps.get_model("applications", "ExpertProfile")
    for profile in profile_model.objects.filter(name="").select_related("user"):
        profile.name = profile.user.full_name[:40]
        profile.save(update_fields=["name"])
    rubric_model, criterion_model = (
        apps.get_model("applications", "Rubric"),
        apps.get_model("applications", "Criterion"),
    )
    for purpose, words in DESCRIPTORS.items():
        sheets = rubric_model.objects.filter(purpose=purpose).order_by("-version")
        for position, rubric in enumerate(sheets):
            rubric.state = "in_force" if position == 0 else "retired"
            rubric.save(update_fields=["state"])
        for key, descriptor in words.items():
            criterion_model.objects.filter(rubric__purpose=purpose, rubric__version=1, key=key, descriptor="").update(
                descriptor=descriptor
            )


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0011_letters_in_the_register"),
        ("bases", "0009_review_policy"),
        ("portal", "0003_issued_documents"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="AvoidedExpert",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField()),
                        ("name", models.CharField(max_length=40, verbose_name="专家姓名")),
                        ("employer", models.CharField(max_length=100, verbose_name="工作单位")),
                        ("reason", models.CharField(max_length=300, verbose_name="回避理由")),
                        ("named_on", models.DateField(verbose_name="提出日期")),
                        (
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="avoided_experts",
                                to="applications.application",
                            ),
                        ),
                        (
                            "named_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "申请回避的专家",
                        "ordering": ["position"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("application", "position"), name="avoided_expert_once_per_place"
                            ),
                            models.UniqueConstraint(
                                fields=("application", "name", "employer"), name="avoided_expert_named_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("position__range", (1, 3))), name="at_most_three_avoided_experts"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True), name="avoided_with_a_reason"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ExpertAbsence",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("from_on", models.DateField(verbose_name="开始日期")),
                        ("to_on", models.DateField(verbose_name="结束日期")),
                        ("note", models.CharField(blank=True, max_length=100, verbose_name="说明")),
                        (
                            "profile",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="absences",
                                to="applications.expertprofile",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "专家不便时间",
                        "ordering": ["from_on", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("to_on__gte", models.F("from_on"))), name="expert_absence_in_order"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ExpertInvitation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("secret_hash", models.CharField(max_length=64, unique=True)),
                        ("invited_on", models.DateField(verbose_name="邀请日期")),
                        ("expires_on", models.DateField(verbose_name="有效期至")),
                        ("accepted_at", models.DateTimeField(blank=True, null=True, verbose_name="接受时间")),
                        ("declined_at", models.DateTimeField(blank=True, null=True, verbose_name="谢绝时间")),
                        ("declined_reason", models.CharField(blank=True, max_length=200, verbose_name="谢绝原因")),
                        ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="作废时间")),
                        (
                            "invited_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "profile",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="invitations",
                                to="applications.expertprofile",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "专家邀请",
                        "ordering": ["-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("expires_on__gte", models.F("invited_on"))),
                                name="invitation_in_order",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("accepted_at", None), ("declined_at", None), ("withdrawn_at", None)
                                ),
                                fields=("profile",),
                                name="one_open_invitation_per_expert",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ExpertRelation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("employment", "任职"),
                                    ("part_time", "兼职或顾问"),
                                    ("joint_result", "合作成果"),
                                    ("joint_project", "合作项目"),
                                    ("family", "亲属"),
                                    ("teacher_student", "师生"),
                                    ("other", "其他利害关系"),
                                ],
                                max_length=16,
                                verbose_name="关系",
                            ),
                        ),
                        ("organisation", models.CharField(blank=True, max_length=100, verbose_name="其他单位")),
                        ("person", models.CharField(blank=True, max_length=40, verbose_name="对方姓名")),
                        ("began_on", models.DateField(blank=True, null=True, verbose_name="开始日期")),
                        ("ended_on", models.DateField(blank=True, null=True, verbose_name="结束日期")),
                        ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                        ("recorded_on", models.DateField(verbose_name="登记日期")),
                        (
                            "partner_unit",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="bases.partnerunit",
                                verbose_name="合作单位",
                            ),
                        ),
                        (
                            "profile",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="relations",
                                to="applications.expertprofile",
                            ),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "training_unit",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="bases.trainingunit",
                                verbose_name="培养单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "专家利害关系",
                        "ordering": ["-ended_on", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "kind__in",
                                        [
                                            "employment",
                                            "part_time",
                                            "joint_result",
                                            "joint_project",
                                            "family",
                                            "teacher_student",
                                            "other",
                                        ],
                                    )
                                ),
                                name="expert_relation_kind_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("training_unit__isnull", False),
                                    ("partner_unit__isnull", False),
                                    models.Q(("organisation", ""), _negated=True),
                                    models.Q(("person", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="expert_relation_to_somebody",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("began_on", None),
                                    ("ended_on", None),
                                    ("ended_on__gte", models.F("began_on")),
                                    _connector="OR",
                                ),
                                name="expert_relation_in_order",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReviewMeeting",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("review", "评审会议"), ("deliberation", "认定审议会")],
                                max_length=12,
                                verbose_name="会议",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[("draft", "准备中"), ("concluded", "已结束")],
                                default="draft",
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        ("title", models.CharField(max_length=100, verbose_name="会议名称")),
                        ("held_on", models.DateField(verbose_name="召开日期")),
                        ("place", models.CharField(max_length=100, verbose_name="地点")),
                        ("agenda", models.TextField(max_length=2000, verbose_name="议程")),
                        ("conclusion", models.TextField(blank=True, max_length=2000, verbose_name="会议结论")),
                        ("concluded_on", models.DateField(blank=True, null=True, verbose_name="结束登记日期")),
                        (
                            "concluded_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "drafted_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "minutes_pdf",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="portal.storedfile",
                                verbose_name="会议纪要",
                            ),
                        ),
                        (
                            "round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="meetings",
                                to="applications.round",
                            ),
                        ),
                        (
                            "signed_scan",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="portal.storedfile",
                                verbose_name="签字扫描件",
                            ),
                        ),
                        (
                            "summary_pdf",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="portal.storedfile",
                                verbose_name="评分汇总表",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "评审会议",
                        "ordering": ["-held_on", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("kind__in", ["review", "deliberation"])), name="meeting_kind_known"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["draft", "concluded"])), name="meeting_state_known"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state", "draft"),
                                    models.Q(
                                        ("concluded_by__isnull", False),
                                        ("concluded_on__isnull", False),
                                        models.Q(("conclusion", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="meeting_concluded_with_a_conclusion",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MeetingMember",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=40, verbose_name="姓名")),
                        ("employer", models.CharField(max_length=100, verbose_name="工作单位")),
                        (
                            "duty",
                            models.CharField(
                                choices=[
                                    ("chair", "主持"),
                                    ("member", "委员"),
                                    ("recorder", "记录"),
                                    ("observer", "列席"),
                                ],
                                default="member",
                                max_length=10,
                                verbose_name="职责",
                            ),
                        ),
                        ("present", models.BooleanField(default=False, verbose_name="出席")),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        (
                            "user",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="平台账号",
                            ),
                        ),
                        (
                            "meeting",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="members",
                                to="applications.reviewmeeting",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "会议成员",
                        "ordering": ["position", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("meeting", "name", "employer"), name="member_once_per_meeting"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("duty__in", ["chair", "member", "recorder", "observer"])),
                                name="member_duty_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MeetingItem",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        ("votes_for", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="同意票")),
                        (
                            "votes_against",
                            models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="反对票"),
                        ),
                        (
                            "votes_abstained",
                            models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="弃权票"),
                        ),
                        (
                            "conclusion",
                            models.CharField(
                                blank=True,
                                choices=[("agreed", "同意"), ("refused", "不同意"), ("postponed", "暂缓")],
                                max_length=10,
                                verbose_name="结论",
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=500, verbose_name="说明")),
                        (
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="meeting_items",
                                to="applications.application",
                            ),
                        ),
                        (
                            "recused",
                            models.ManyToManyField(
                                blank=True,
                                related_name="recused_from",
                                to="applications.meetingmember",
                                verbose_name="回避的成员",
                            ),
                        ),
                        (
                            "meeting",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="items",
                                to="applications.reviewmeeting",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "会议议题",
                        "ordering": ["position", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("meeting", "application"), name="application_once_per_meeting"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("conclusion__in", ["", "agreed", "refused", "postponed"])),
                                name="meeting_conclusion_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PreliminaryList",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[("draft", "草拟中"), ("adopted", "已确定")],
                                default="draft",
                                max_length=8,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "cutoff_by",
                            models.CharField(
                                choices=[("count", "取前若干名"), ("score", "取若干分以上")],
                                default="count",
                                max_length=6,
                                verbose_name="入选方式",
                            ),
                        ),
                        (
                            "cutoff",
                            models.DecimalField(
                                decimal_places=2, default=Decimal("0"), max_digits=6, verbose_name="入选数或分数线"
                            ),
                        ),
                        ("revision", models.PositiveIntegerField(default=0)),
                        ("drafted_on", models.DateField(verbose_name="草拟日期")),
                        ("adopted_on", models.DateField(blank=True, null=True, verbose_name="确定日期")),
                        (
                            "adopted_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "drafted_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="preliminary_lists",
                                to="applications.round",
                            ),
                        ),
                        (
                            "meeting",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lists",
                                to="applications.reviewmeeting",
                                verbose_name="依据的会议",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "初步名单",
                        "ordering": ["-pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "draft")),
                                fields=("round",),
                                name="one_list_draft_per_round",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["draft", "adopted"])), name="list_state_known"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("cutoff_by__in", ["count", "score"])), name="list_cutoff_known"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("cutoff__gte", 0)), name="list_cutoff_not_negative"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state", "draft"),
                                    models.Q(("adopted_by__isnull", False), ("adopted_on__isnull", False)),
                                    _connector="OR",
                                ),
                                name="list_adopted_by_somebody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PreliminaryEntry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("place", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="名次")),
                        (
                            "aggregate",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=5, null=True, verbose_name="综合得分"
                            ),
                        ),
                        ("by_cutoff", models.BooleanField(blank=True, null=True, verbose_name="按分数线入选")),
                        ("chosen", models.BooleanField(verbose_name="入选")),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="人工调整理由")),
                        ("changed_on", models.DateField(blank=True, null=True, verbose_name="调整日期")),
                        (
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="preliminary_entries",
                                to="applications.application",
                            ),
                        ),
                        (
                            "changed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "preliminary_list",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="entries",
                                to="applications.preliminarylist",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "初步名单条目",
                        "ordering": ["place", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("preliminary_list", "application"), name="application_once_per_list"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("by_cutoff__isnull", False), ("chosen", models.F("by_cutoff"))),
                                    models.Q(("reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="change_by_hand_has_a_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SheetUnlock",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("reason", models.CharField(max_length=300, verbose_name="解锁原因")),
                        ("unlocked_on", models.DateField(verbose_name="解锁日期")),
                        ("before", models.JSONField(default=dict, verbose_name="解锁前内容")),
                        (
                            "sheet",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="unlocks",
                                to="applications.scoresheet",
                            ),
                        ),
                        (
                            "unlocked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "评分表解锁",
                        "ordering": ["pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True), name="unlock_has_a_reason"
                            ),
                        ],
                    },
                ),
                migrations.AlterModelOptions(
                    name="expertprofile",
                    options={"ordering": ["name", "pk"], "verbose_name": "专家"},
                ),
                migrations.RemoveConstraint(
                    model_name="assignment",
                    name="recusal_has_a_reason",
                ),
                migrations.RemoveConstraint(
                    model_name="assignment",
                    name="assignment_status_known",
                ),
            ]
        ),
        migrations.RenameField(model_name="assignment", old_name="recusal_reason", new_name="ended_reason"),
        Together(
            [
                migrations.AddField(
                    model_name="assignment",
                    name="assigned_by",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddField(
                    model_name="assignment",
                    name="declared_on",
                    field=models.DateField(blank=True, null=True, verbose_name="声明无利害关系日期"),
                ),
                migrations.AddField(
                    model_name="assignment",
                    name="ended_by",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddField(
                    model_name="assignment",
                    name="ended_on",
                    field=models.DateField(blank=True, null=True, verbose_name="结束日期"),
                ),
                migrations.AlterField(
                    model_name="assignment",
                    name="ended_reason",
                    field=models.CharField(blank=True, max_length=300, verbose_name="回避、谢绝或撤换原因"),
                ),
                migrations.AddField(
                    model_name="assignment",
                    name="replaces",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="applications.assignment",
                        verbose_name="接替",
                    ),
                ),
                migrations.AddField(
                    model_name="assignment",
                    name="rule",
                    field=models.SlugField(blank=True, max_length=20, verbose_name="回避规则"),
                ),
                migrations.AddField(
                    model_name="criterion",
                    name="descriptor",
                    field=models.TextField(blank=True, max_length=600, verbose_name="评分说明"),
                ),
                migrations.AddField(
                    model_name="criterion",
                    name="floor",
                    field=models.DecimalField(
                        decimal_places=2, default=Decimal("0"), max_digits=5, verbose_name="最低分"
                    ),
                ),
                migrations.AddField(
                    model_name="criterion",
                    name="step",
                    field=models.DecimalField(
                        decimal_places=2, default=Decimal("0.5"), max_digits=4, verbose_name="评分间隔"
                    ),
                ),
                migrations.AddField(
                    model_name="expertprofile",
                    name="added_on",
                    field=models.DateField(blank=True, null=True, verbose_name="入库日期"),
                ),
                migrations.AddField(
                    model_name="expertprofile",
                    name="categories",
                    field=models.ManyToManyField(
                        blank=True, related_name="+", to="bases.degreecategory", verbose_name="熟悉的专业学位类别"
                    ),
                ),
                migrations.AddField(
                    model_name="expertprofile",
                    name="division",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="bases.division",
                        verbose_name="所在地区",
                    ),
                ),
                migrations.AddField(
                    model_name="expertprofile",
                    name="email",
                    field=models.EmailField(blank=True, max_length=254, verbose_name="电子邮箱"),
                ),
                migrations.AddField(
                    model_name="expertprofile",
                    name="industries",
                    field=django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("modern_energy", "现代能源"),
                                ("information_technology", "信息技术"),
                                ("energy_saving", "节能环保"),
                                ("advanced_manufacturing", "高端装备与智能制造"),
                                ("chemicals_materials", "现代化工与新材料"),
                                ("biotechnology", "生物技术"),
                                ("smart_agriculture", "智慧农牧业"),
                                ("ecological_protection", "生态保护"),
                                ("education", "教育"),
                                ("health", "医疗健康"),
                                ("care", "养老托育"),
                                ("culture_tourism", "文化旅游"),
                                ("law", "法律"),
                            ],
                            max_length=40,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="熟悉的产业",
                    ),
                ),
                migrations.AddField(
                    model_name="expertprofile",
                    name="max_load",
                    field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="每批次最多评审（项）"),
                ),
                migrations.AddField(
                    model_name="expertprofile",
                    name="name",
                    field=models.CharField(default="", max_length=40, verbose_name="姓名"),
                    preserve_default=False,
                ),
                migrations.AddField(
                    model_name="expertprofile",
                    name="note",
                    field=models.CharField(blank=True, max_length=200, verbose_name="备注"),
                ),
                migrations.AddField(
                    model_name="expertprofile",
                    name="phone",
                    field=models.CharField(blank=True, max_length=20, verbose_name="手机"),
                ),
                migrations.AddField(
                    model_name="expertprofile",
                    name="position",
                    field=models.CharField(blank=True, max_length=60, verbose_name="职务"),
                ),
                migrations.AddField(
                    model_name="expertprofile",
                    name="removed_on",
                    field=models.DateField(blank=True, null=True, verbose_name="出库日期"),
                ),
                migrations.AddField(
                    model_name="expertprofile",
                    name="removed_reason",
                    field=models.CharField(blank=True, max_length=200, verbose_name="出库原因"),
                ),
                migrations.AddField(
                    model_name="expertprofile",
                    name="sector",
                    field=models.CharField(
                        choices=[
                            ("university", "高校"),
                            ("institute", "科研院所"),
                            ("industry", "行业企业"),
                            ("government", "政府部门"),
                            ("other", "其他"),
                        ],
                        default="university",
                        max_length=12,
                        verbose_name="单位性质",
                    ),
                ),
                migrations.AddField(
                    model_name="rubric",
                    name="drafted_by",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddField(
                    model_name="rubric",
                    name="in_force_from",
                    field=models.DateField(blank=True, null=True, verbose_name="启用日期"),
                ),
                migrations.AddField(
                    model_name="rubric",
                    name="note",
                    field=models.CharField(blank=True, max_length=300, verbose_name="修订说明"),
                ),
                migrations.AddField(
                    model_name="rubric",
                    name="put_in_force_by",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddField(
                    model_name="rubric",
                    name="retired_on",
                    field=models.DateField(blank=True, null=True, verbose_name="停用日期"),
                ),
                migrations.AddField(
                    model_name="rubric",
                    name="state",
                    field=models.CharField(
                        choices=[("draft", "草稿"), ("in_force", "现行"), ("retired", "已停用")],
                        default="draft",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                migrations.AddField(
                    model_name="scoresheet",
                    name="committee_comment",
                    field=models.CharField(blank=True, max_length=1000, verbose_name="给评审会议的意见"),
                ),
                migrations.AddField(
                    model_name="scoresheet",
                    name="revision",
                    field=models.PositiveIntegerField(default=0),
                ),
                migrations.AddField(
                    model_name="scoresheet",
                    name="submitted_at",
                    field=models.DateTimeField(blank=True, null=True),
                ),
                migrations.AlterField(
                    model_name="assignment",
                    name="status",
                    field=models.CharField(
                        choices=[
                            ("assigned", "待评审"),
                            ("submitted", "已提交"),
                            ("recused", "已回避"),
                            ("declined", "已谢绝"),
                            ("released", "已撤换"),
                        ],
                        default="assigned",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                migrations.AlterField(
                    model_name="expertprofile",
                    name="partner_unit",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="bases.partnerunit",
                        verbose_name="所在合作单位",
                    ),
                ),
                migrations.AlterField(
                    model_name="expertprofile",
                    name="training_unit",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="bases.trainingunit",
                        verbose_name="所在培养单位",
                    ),
                ),
                migrations.AlterField(
                    model_name="expertprofile",
                    name="user",
                    field=models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="expert_profile",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ]
        ),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        Together(
            [
                migrations.AddConstraint(
                    model_name="assignment",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["assigned", "submitted"]),
                            models.Q(("ended_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="assignment_ends_with_a_reason",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="assignment",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["assigned", "submitted", "recused", "declined", "released"])
                        ),
                        name="assignment_status_known",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="criterion",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("floor__gte", 0), ("floor__lt", models.F("points"))),
                        name="criterion_limits_in_order",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="criterion",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("step__gt", 0), ("step__lte", models.F("points"))),
                        name="criterion_step_positive",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="expertprofile",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("sector__in", ["university", "institute", "industry", "government", "other"])
                        ),
                        name="expert_sector_known",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="expertprofile",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("removed_on", None), models.Q(("removed_reason", ""), _negated=True), _connector="OR"
                        ),
                        name="expert_removed_with_a_reason",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="expertprofile",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("max_load", None), ("max_load__gte", 1), _connector="OR"),
                        name="expert_load_positive",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="rubric",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("state__in", ["draft", "in_force", "retired"])), name="rubric_state_known"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="rubric",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("state", "in_force")),
                        fields=("purpose",),
                        name="one_rubric_in_force_per_purpose",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="rubric",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("state", "draft")), fields=("purpose",), name="one_rubric_draft_per_purpose"
                    ),
                ),
            ]
        ),
    ]
