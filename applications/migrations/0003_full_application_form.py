import uuid
from decimal import Decimal

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portal.migrating import Together


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0002_default_rubrics"),
        ("bases", "0003_partners_fields_aliases_and_co_applicants"),
        ("portal", "0002_import_checks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="ApplicationBasics",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("unit_leader_name", models.CharField(blank=True, max_length=30, verbose_name="校方负责人")),
                        (
                            "unit_leader_post",
                            models.CharField(blank=True, max_length=40, verbose_name="校方负责人职务"),
                        ),
                        (
                            "unit_leader_title",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("senior", "正高级"),
                                    ("associate", "副高级"),
                                    ("middle", "中级"),
                                    ("junior", "初级"),
                                    ("none", "无"),
                                ],
                                max_length=10,
                                verbose_name="校方负责人职称",
                            ),
                        ),
                        (
                            "unit_leader_phone",
                            models.CharField(blank=True, max_length=11, verbose_name="校方负责人手机"),
                        ),
                        (
                            "unit_leader_email",
                            models.EmailField(blank=True, max_length=254, verbose_name="校方负责人邮箱"),
                        ),
                        (
                            "partner_leader_name",
                            models.CharField(blank=True, max_length=30, verbose_name="合作方负责人"),
                        ),
                        (
                            "partner_leader_post",
                            models.CharField(blank=True, max_length=40, verbose_name="合作方负责人职务"),
                        ),
                        (
                            "partner_leader_title",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("senior", "正高级"),
                                    ("associate", "副高级"),
                                    ("middle", "中级"),
                                    ("junior", "初级"),
                                    ("none", "无"),
                                ],
                                max_length=10,
                                verbose_name="合作方负责人职称",
                            ),
                        ),
                        (
                            "partner_leader_phone",
                            models.CharField(blank=True, max_length=11, verbose_name="合作方负责人手机"),
                        ),
                        (
                            "partner_leader_email",
                            models.EmailField(blank=True, max_length=254, verbose_name="合作方负责人邮箱"),
                        ),
                        ("contact_name", models.CharField(blank=True, max_length=30, verbose_name="联系人")),
                        ("contact_phone", models.CharField(blank=True, max_length=11, verbose_name="联系人手机")),
                        ("contact_email", models.EmailField(blank=True, max_length=254, verbose_name="联系人邮箱")),
                        (
                            "partner_office",
                            models.CharField(blank=True, max_length=100, verbose_name="合作方专门管理机构"),
                        ),
                        ("partner_office_head", models.CharField(blank=True, max_length=60, verbose_name="合作方专人")),
                        ("college", models.CharField(blank=True, max_length=60, verbose_name="依托学院")),
                        (
                            "authorised_year",
                            models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="授权获批年份"),
                        ),
                        (
                            "level",
                            models.CharField(
                                blank=True,
                                choices=[("master", "硕士"), ("doctor", "硕士、博士")],
                                max_length=10,
                                verbose_name="层次",
                            ),
                        ),
                        (
                            "enrolled_1",
                            models.PositiveIntegerField(blank=True, null=True, verbose_name="在校生（上一年）"),
                        ),
                        (
                            "enrolled_2",
                            models.PositiveIntegerField(blank=True, null=True, verbose_name="在校生（前年）"),
                        ),
                        (
                            "enrolled_3",
                            models.PositiveIntegerField(blank=True, null=True, verbose_name="在校生（大前年）"),
                        ),
                        (
                            "graduated_1",
                            models.PositiveIntegerField(blank=True, null=True, verbose_name="毕业生（上一年）"),
                        ),
                        (
                            "graduated_2",
                            models.PositiveIntegerField(blank=True, null=True, verbose_name="毕业生（前年）"),
                        ),
                        (
                            "graduated_3",
                            models.PositiveIntegerField(blank=True, null=True, verbose_name="毕业生（大前年）"),
                        ),
                        (
                            "application",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="basics",
                                to="applications.application",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "申请书：基本信息",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("contact_phone__regex", "^(1[3-9][0-9]{9})?$"),
                                    ("partner_leader_phone__regex", "^(1[3-9][0-9]{9})?$"),
                                    ("unit_leader_phone__regex", "^(1[3-9][0-9]{9})?$"),
                                ),
                                name="basics_phones_can_be_called",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("authorised_year", None), ("authorised_year__range", (1990, 2100)), _connector="OR"
                                ),
                                name="basics_authorised_year_plausible",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("level__in", ["", "master", "doctor"])), name="basics_level_known"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("unit_leader_title__in", ["", "senior", "associate", "middle", "junior", "none"]),
                                    (
                                        "partner_leader_title__in",
                                        ["", "senior", "associate", "middle", "junior", "none"],
                                    ),
                                ),
                                name="basics_titles_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("enrolled_1", None), ("enrolled_1__lte", 100000), _connector="OR"),
                                    models.Q(("enrolled_2", None), ("enrolled_2__lte", 100000), _connector="OR"),
                                    models.Q(("enrolled_3", None), ("enrolled_3__lte", 100000), _connector="OR"),
                                    models.Q(("graduated_1", None), ("graduated_1__lte", 100000), _connector="OR"),
                                    models.Q(("graduated_2", None), ("graduated_2__lte", 100000), _connector="OR"),
                                    models.Q(("graduated_3", None), ("graduated_3__lte", 100000), _connector="OR"),
                                ),
                                name="basics_students_plausible",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ApplicationFile",
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
                                    ("sealed_form", "申请书盖章扫描件"),
                                    ("agreement", "联合培养协议"),
                                    ("investment", "投入情况汇总表（盖章）"),
                                    ("students", "培养研究生名单"),
                                    ("partner_licence", "合作单位证照"),
                                    ("partner_rules", "合作单位管理与安全制度"),
                                    ("mentors", "行业导师聘任文件"),
                                    ("other", "其他材料"),
                                ],
                                max_length=20,
                                verbose_name="类别",
                            ),
                        ),
                        ("added_at", models.DateTimeField(auto_now_add=True)),
                        ("removed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "added_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="files",
                                to="applications.application",
                            ),
                        ),
                        (
                            "removed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "replaces",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="replaced_by",
                                to="applications.applicationfile",
                            ),
                        ),
                        (
                            "stored",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="portal.storedfile",
                                verbose_name="文件",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "申请书附件",
                        "ordering": ["kind", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "kind__in",
                                        [
                                            "sealed_form",
                                            "agreement",
                                            "investment",
                                            "students",
                                            "partner_licence",
                                            "partner_rules",
                                            "mentors",
                                            "other",
                                        ],
                                    )
                                ),
                                name="application_file_kind_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("removed_at", None), ("removed_by", None)),
                                    models.Q(("removed_at__isnull", False), ("removed_by__isnull", False)),
                                    _connector="OR",
                                ),
                                name="removed_file_has_its_remover",
                            ),
                        ],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("removed_at", None)),
                                fields=["application", "kind"],
                                name="application_file_in_force",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ApplicationVersion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField(verbose_name="版次")),
                        ("declared_on", models.DateField(verbose_name="申报日期")),
                        ("content", models.JSONField(verbose_name="申报时的内容")),
                        ("content_sha256", models.CharField(max_length=64, verbose_name="校验码")),
                        ("eligibility", models.JSONField(default=list, verbose_name="申报时的条件核验")),
                        ("returned_on", models.DateField(blank=True, null=True, verbose_name="退回日期")),
                        ("returned_by", models.CharField(blank=True, max_length=80, verbose_name="退回人")),
                        ("returned_reason", models.TextField(blank=True, verbose_name="退回原因")),
                        (
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="versions",
                                to="applications.application",
                            ),
                        ),
                        (
                            "declared_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "files",
                            models.ManyToManyField(
                                related_name="versions", to="applications.applicationfile", verbose_name="申报时的附件"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "申请书版本",
                        "ordering": ["-number"],
                        "constraints": [
                            models.UniqueConstraint(fields=("application", "number"), name="one_version_per_number"),
                            models.CheckConstraint(
                                condition=models.Q(("number__gte", 1)), name="version_counts_from_one"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("returned_on", None), ("returned_reason", "")),
                                    models.Q(
                                        ("returned_on__isnull", False), models.Q(("returned_reason", ""), _negated=True)
                                    ),
                                    _connector="OR",
                                ),
                                name="returned_version_has_a_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BudgetLine",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.UUIDField(default=uuid.uuid4, editable=False)),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        (
                            "subject",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("travel", "差旅费"),
                                    ("office", "办公费"),
                                    ("materials", "专用材料费"),
                                    ("post", "邮电费"),
                                    ("insurance", "保险费"),
                                    ("transport", "交通费"),
                                    ("experts", "专家咨询费"),
                                    ("commission", "委托业务费"),
                                    ("other", "其他"),
                                ],
                                max_length=12,
                                verbose_name="科目",
                            ),
                        ),
                        (
                            "side",
                            models.CharField(
                                blank=True,
                                choices=[("unit", "培养单位"), ("partner", "合作单位"), ("other", "其他来源")],
                                max_length=10,
                                verbose_name="出资方",
                            ),
                        ),
                        (
                            "year_1",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="第一年"
                            ),
                        ),
                        (
                            "year_2",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="第二年"
                            ),
                        ),
                        (
                            "year_3",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="第三年"
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                        (
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="budget_lines",
                                to="applications.application",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "经费预算",
                        "ordering": ["position", "pk"],
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(fields=("application", "key"), name="budget_line_row_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "subject__in",
                                        [
                                            "",
                                            "travel",
                                            "office",
                                            "materials",
                                            "post",
                                            "insurance",
                                            "transport",
                                            "experts",
                                            "commission",
                                            "other",
                                        ],
                                    )
                                ),
                                name="budget_subject_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("side__in", ["", "unit", "partner", "other"])),
                                name="budget_side_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("year_1", None), ("year_1__gte", 0), _connector="OR"),
                                    models.Q(("year_2", None), ("year_2__gte", 0), _connector="OR"),
                                    models.Q(("year_3", None), ("year_3__gte", 0), _connector="OR"),
                                ),
                                name="budget_not_negative",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CampusMentor",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.UUIDField(default=uuid.uuid4, editable=False)),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        ("name", models.CharField(blank=True, max_length=30, verbose_name="姓名")),
                        ("department", models.CharField(blank=True, max_length=60, verbose_name="院系")),
                        (
                            "title",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("senior", "正高级"),
                                    ("associate", "副高级"),
                                    ("middle", "中级"),
                                    ("junior", "初级"),
                                    ("none", "无"),
                                ],
                                max_length=10,
                                verbose_name="职称",
                            ),
                        ),
                        ("direction", models.CharField(blank=True, max_length=80, verbose_name="研究方向")),
                        (
                            "students",
                            models.PositiveIntegerField(blank=True, null=True, verbose_name="指导本基地研究生"),
                        ),
                        (
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="campus_mentors",
                                to="applications.application",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "校内导师",
                        "ordering": ["position", "pk"],
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(fields=("application", "key"), name="campus_mentor_row_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("title__in", ["", "senior", "associate", "middle", "junior", "none"])
                                ),
                                name="campus_mentor_title_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("students", None), ("students__lte", 1000), _connector="OR"),
                                name="campus_mentor_students_plausible",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ConstructionPlan",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("reason", models.CharField(blank=True, max_length=800, verbose_name="申报理由")),
                        ("results", models.CharField(blank=True, max_length=1500, verbose_name="前期建设成效")),
                        ("goals", models.CharField(blank=True, max_length=1000, verbose_name="建设目标与思路")),
                        ("training_mode", models.CharField(blank=True, max_length=1500, verbose_name="培养模式")),
                        ("dual_mentors", models.CharField(blank=True, max_length=800, verbose_name="双导师制")),
                        ("rules", models.CharField(blank=True, max_length=800, verbose_name="管理制度")),
                        ("prospects", models.CharField(blank=True, max_length=800, verbose_name="发展前景与作用")),
                        ("features", models.CharField(blank=True, max_length=800, verbose_name="特色")),
                        (
                            "application",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="plan",
                                to="applications.application",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "申请书：建设方案",
                    },
                ),
                migrations.CreateModel(
                    name="Equipment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.UUIDField(default=uuid.uuid4, editable=False)),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        ("name", models.CharField(blank=True, max_length=80, verbose_name="设备名称")),
                        ("model", models.CharField(blank=True, max_length=60, verbose_name="型号")),
                        ("quantity", models.PositiveIntegerField(blank=True, null=True, verbose_name="数量")),
                        (
                            "value",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="原值"
                            ),
                        ),
                        (
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="equipment",
                                to="applications.application",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "主要设备",
                        "ordering": ["position", "pk"],
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(fields=("application", "key"), name="equipment_row_once"),
                            models.CheckConstraint(
                                condition=models.Q(("value", None), ("value__gte", 0), _connector="OR"),
                                name="equipment_value_not_negative",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("quantity", None), ("quantity__lte", 100000), _connector="OR"),
                                name="equipment_quantity_plausible",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IndustryMentor",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.UUIDField(default=uuid.uuid4, editable=False)),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        ("name", models.CharField(blank=True, max_length=30, verbose_name="姓名")),
                        ("employer", models.CharField(blank=True, max_length=100, verbose_name="单位")),
                        ("post", models.CharField(blank=True, max_length=40, verbose_name="职务")),
                        (
                            "title",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("senior", "正高级"),
                                    ("associate", "副高级"),
                                    ("middle", "中级"),
                                    ("junior", "初级"),
                                    ("none", "无"),
                                ],
                                max_length=10,
                                verbose_name="职称",
                            ),
                        ),
                        (
                            "degree",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("doctor", "博士研究生"),
                                    ("master", "硕士研究生"),
                                    ("bachelor", "大学本科"),
                                    ("other", "大专及以下"),
                                ],
                                max_length=10,
                                verbose_name="学历",
                            ),
                        ),
                        ("years", models.PositiveIntegerField(blank=True, null=True, verbose_name="从业年限")),
                        ("appointment", models.CharField(blank=True, max_length=60, verbose_name="聘任文号")),
                        ("appointed_until", models.DateField(blank=True, null=True, verbose_name="聘期至")),
                        (
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="industry_mentors",
                                to="applications.application",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "行业产业导师",
                        "ordering": ["position", "pk"],
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(fields=("application", "key"), name="industry_mentor_row_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("title__in", ["", "senior", "associate", "middle", "junior", "none"])
                                ),
                                name="industry_mentor_title_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("degree__in", ["", "doctor", "master", "bachelor", "other"])),
                                name="industry_mentor_degree_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("years", None), ("years__lte", 70), _connector="OR"),
                                name="industry_mentor_years_plausible",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OtherPartner",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.UUIDField(default=uuid.uuid4, editable=False)),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        ("share", models.CharField(blank=True, max_length=200, verbose_name="承担的任务")),
                        (
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="other_partners",
                                to="applications.application",
                            ),
                        ),
                        (
                            "partner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="bases.partnerunit",
                                verbose_name="合作单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "其他合作单位",
                        "ordering": ["position", "pk"],
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(fields=("application", "key"), name="other_partner_row_once"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PartnerProfile",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "size",
                            models.CharField(
                                blank=True,
                                choices=[("large", "大型"), ("medium", "中型"), ("small", "小型"), ("micro", "微型")],
                                max_length=10,
                                verbose_name="规模",
                            ),
                        ),
                        ("sector", models.CharField(blank=True, max_length=2, verbose_name="行业")),
                        ("founded_on", models.DateField(blank=True, null=True, verbose_name="成立日期")),
                        (
                            "legal_representative",
                            models.CharField(blank=True, max_length=30, verbose_name="法定代表人"),
                        ),
                        ("address", models.CharField(blank=True, max_length=120, verbose_name="地址")),
                        ("staff", models.PositiveIntegerField(blank=True, null=True, verbose_name="职工人数")),
                        (
                            "technical_staff",
                            models.PositiveIntegerField(blank=True, null=True, verbose_name="专业技术人员"),
                        ),
                        (
                            "senior_staff",
                            models.PositiveIntegerField(blank=True, null=True, verbose_name="其中高级职称"),
                        ),
                        (
                            "revenue_1",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=14,
                                null=True,
                                verbose_name="营业收入（上一年）",
                            ),
                        ),
                        (
                            "revenue_2",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="营业收入（前年）"
                            ),
                        ),
                        (
                            "revenue_3",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=14,
                                null=True,
                                verbose_name="营业收入（大前年）",
                            ),
                        ),
                        (
                            "research_1",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=14,
                                null=True,
                                verbose_name="研发投入（上一年）",
                            ),
                        ),
                        (
                            "research_2",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="研发投入（前年）"
                            ),
                        ),
                        (
                            "research_3",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=14,
                                null=True,
                                verbose_name="研发投入（大前年）",
                            ),
                        ),
                        (
                            "had_accident",
                            models.BooleanField(blank=True, null=True, verbose_name="近三年有重大安全事故"),
                        ),
                        ("had_dishonesty", models.BooleanField(blank=True, null=True, verbose_name="近三年有失信记录")),
                        ("had_penalty", models.BooleanField(blank=True, null=True, verbose_name="近三年受过行政处罚")),
                        ("incidents_note", models.CharField(blank=True, max_length=300, verbose_name="上述情况说明")),
                        (
                            "site_area",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=10, null=True, verbose_name="实践场地"
                            ),
                        ),
                        (
                            "capacity",
                            models.PositiveIntegerField(blank=True, null=True, verbose_name="可同时接收研究生"),
                        ),
                        ("lodging", models.CharField(blank=True, max_length=300, verbose_name="食宿条件")),
                        ("safety_rules", models.CharField(blank=True, max_length=300, verbose_name="安全管理制度")),
                        (
                            "several_partners_reason",
                            models.CharField(blank=True, max_length=500, verbose_name="一个以上合作单位的理由"),
                        ),
                        (
                            "application",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="partner_profile",
                                to="applications.application",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "申请书：合作单位",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("size__in", ["", "large", "medium", "small", "micro"])),
                                name="partner_size_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("sector__regex", "^([0-9]{2})?$")), name="partner_sector_two_digits"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("revenue_1", None), ("revenue_1__gte", 0), _connector="OR"),
                                    models.Q(("revenue_2", None), ("revenue_2__gte", 0), _connector="OR"),
                                    models.Q(("revenue_3", None), ("revenue_3__gte", 0), _connector="OR"),
                                    models.Q(("research_1", None), ("research_1__gte", 0), _connector="OR"),
                                    models.Q(("research_2", None), ("research_2__gte", 0), _connector="OR"),
                                    models.Q(("research_3", None), ("research_3__gte", 0), _connector="OR"),
                                    models.Q(("site_area", None), ("site_area__gte", 0), _connector="OR"),
                                ),
                                name="partner_figures_not_negative",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("staff", None), ("staff__lte", 10000000), _connector="OR"),
                                    models.Q(
                                        ("technical_staff", None), ("technical_staff__lte", 10000000), _connector="OR"
                                    ),
                                    models.Q(("senior_staff", None), ("senior_staff__lte", 10000000), _connector="OR"),
                                    models.Q(("capacity", None), ("capacity__lte", 10000000), _connector="OR"),
                                ),
                                name="partner_people_plausible",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Platform",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.UUIDField(default=uuid.uuid4, editable=False)),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        ("name", models.CharField(blank=True, max_length=80, verbose_name="平台名称")),
                        (
                            "level",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("national", "国家级"),
                                    ("regional", "自治区级"),
                                    ("league", "盟市级"),
                                    ("other", "其他"),
                                ],
                                max_length=10,
                                verbose_name="级别",
                            ),
                        ),
                        ("approved_by", models.CharField(blank=True, max_length=60, verbose_name="批准部门")),
                        ("year", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="批准年份")),
                        (
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="platforms",
                                to="applications.application",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "科研创新平台",
                        "ordering": ["position", "pk"],
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(fields=("application", "key"), name="platform_row_once"),
                            models.CheckConstraint(
                                condition=models.Q(("level__in", ["", "national", "regional", "league", "other"])),
                                name="platform_level_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("year", None), ("year__range", (1950, 2100)), _connector="OR"),
                                name="platform_year_plausible",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PrintedApplication",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("content_sha256", models.CharField(max_length=64, verbose_name="校验码")),
                        ("asked_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="prints",
                                to="applications.application",
                            ),
                        ),
                        (
                            "asked_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "docx",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="portal.storedfile",
                            ),
                        ),
                        (
                            "pdf",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="portal.storedfile",
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="prints",
                                to="applications.applicationversion",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "申请书打印件",
                        "ordering": ["-pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("application", "version", "content_sha256"),
                                name="printed_once_per_content",
                                nulls_distinct=False,
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PriorContribution",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.UUIDField(default=uuid.uuid4, editable=False)),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        ("year", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="年度")),
                        (
                            "side",
                            models.CharField(
                                blank=True,
                                choices=[("unit", "培养单位"), ("partner", "合作单位")],
                                max_length=10,
                                verbose_name="投入方",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("funds", "经费"),
                                    ("site", "场地"),
                                    ("equipment", "设备"),
                                    ("people", "人员"),
                                    ("other", "其他"),
                                ],
                                max_length=10,
                                verbose_name="类型",
                            ),
                        ),
                        (
                            "amount",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="金额"
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                        ("voucher", models.CharField(blank=True, max_length=100, verbose_name="凭证")),
                        (
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="contributions",
                                to="applications.application",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "投入情况",
                        "ordering": ["position", "pk"],
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(fields=("application", "key"), name="contribution_row_once"),
                            models.CheckConstraint(
                                condition=models.Q(("amount", None), ("amount__gte", 0), _connector="OR"),
                                name="contribution_not_negative",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("side__in", ["", "unit", "partner"])),
                                name="contribution_side_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("kind__in", ["", "funds", "site", "equipment", "people", "other"])),
                                name="contribution_kind_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("year", None), ("year__range", (1950, 2100)), _connector="OR"),
                                name="contribution_year_plausible",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PriorResult",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.UUIDField(default=uuid.uuid4, editable=False)),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        ("name", models.CharField(blank=True, max_length=120, verbose_name="成果名称")),
                        (
                            "kind",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("paper", "论文"),
                                    ("patent", "专利"),
                                    ("award", "获奖"),
                                    ("standard", "标准"),
                                    ("transfer", "成果转化"),
                                    ("case", "案例或教材"),
                                    ("other", "其他"),
                                ],
                                max_length=10,
                                verbose_name="类型",
                            ),
                        ),
                        ("authors", models.CharField(blank=True, max_length=100, verbose_name="完成人")),
                        ("year", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="年份")),
                        (
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="results",
                                to="applications.application",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "代表性成果",
                        "ordering": ["position", "pk"],
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(fields=("application", "key"), name="result_row_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "kind__in",
                                        ["", "paper", "patent", "award", "standard", "transfer", "case", "other"],
                                    )
                                ),
                                name="result_kind_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("year", None), ("year__range", (1950, 2100)), _connector="OR"),
                                name="result_year_plausible",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Project",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.UUIDField(default=uuid.uuid4, editable=False)),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        ("name", models.CharField(blank=True, max_length=100, verbose_name="项目名称")),
                        ("source", models.CharField(blank=True, max_length=60, verbose_name="项目来源")),
                        ("places", models.PositiveIntegerField(blank=True, null=True, verbose_name="可接收研究生")),
                        ("summary", models.CharField(blank=True, max_length=300, verbose_name="主要内容")),
                        (
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="projects",
                                to="applications.application",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "实践项目",
                        "ordering": ["position", "pk"],
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(fields=("application", "key"), name="project_row_once"),
                            models.CheckConstraint(
                                condition=models.Q(("places", None), ("places__lte", 100000), _connector="OR"),
                                name="project_places_plausible",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="QuotaFormula",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "base_places",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("1"),
                                max_digits=6,
                                validators=[
                                    django.core.validators.MinValueValidator(0),
                                    django.core.validators.MaxValueValidator(200),
                                ],
                                verbose_name="每个单位基数（个）",
                            ),
                        ),
                        (
                            "per_category",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.20"),
                                max_digits=6,
                                validators=[
                                    django.core.validators.MinValueValidator(0),
                                    django.core.validators.MaxValueValidator(200),
                                ],
                                verbose_name="每个专业学位类别（个）",
                            ),
                        ),
                        (
                            "per_hundred_students",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.10"),
                                max_digits=6,
                                validators=[
                                    django.core.validators.MinValueValidator(0),
                                    django.core.validators.MaxValueValidator(200),
                                ],
                                verbose_name="每百名专业学位研究生（个）",
                            ),
                        ),
                        (
                            "first_class_bonus",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("1"),
                                max_digits=6,
                                validators=[
                                    django.core.validators.MinValueValidator(0),
                                    django.core.validators.MaxValueValidator(200),
                                ],
                                verbose_name="“双一流”建设单位加（个）",
                            ),
                        ),
                        (
                            "minimum",
                            models.PositiveSmallIntegerField(
                                default=1,
                                validators=[django.core.validators.MaxValueValidator(200)],
                                verbose_name="每个单位至少（个）",
                            ),
                        ),
                        (
                            "maximum",
                            models.PositiveSmallIntegerField(
                                default=10,
                                validators=[django.core.validators.MaxValueValidator(200)],
                                verbose_name="每个单位至多（个）",
                            ),
                        ),
                        (
                            "round",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="formula",
                                to="applications.round",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "名额测算办法",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("base_places__range", (0, 200)),
                                    ("per_category__range", (0, 200)),
                                    ("first_class_bonus__range", (0, 200)),
                                    ("per_hundred_students__range", (0, 200)),
                                ),
                                name="quota_weights_within_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("maximum__lte", 200), ("minimum__lte", models.F("maximum"))),
                                name="quota_bounds_in_order",
                                violation_error_message="“至少”不能大于“至多”。",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Recommendation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("text", models.CharField(max_length=3000, verbose_name="正文")),
                        ("notice_link", models.URLField(blank=True, max_length=300, verbose_name="公示链接")),
                        ("reported_on", models.DateField(verbose_name="报送日期")),
                        (
                            "document",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="recommendation",
                                to="bases.officialdocument",
                                verbose_name="报送函",
                            ),
                        ),
                        (
                            "letter_pdf",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="portal.storedfile",
                            ),
                        ),
                        (
                            "no_objection_proof",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="portal.storedfile",
                                verbose_name="无异议证明",
                            ),
                        ),
                        (
                            "notice_proof",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="portal.storedfile",
                                verbose_name="公示截图",
                            ),
                        ),
                        (
                            "reported_by",
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
                                related_name="recommendations",
                                to="applications.round",
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
                            ),
                        ),
                        (
                            "summary_xlsx",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="portal.storedfile",
                            ),
                        ),
                        (
                            "training_unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="recommendations",
                                to="bases.trainingunit",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "推荐报送",
                        "ordering": ["-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("notice_link", ""), _negated=True),
                                    ("notice_proof__isnull", False),
                                    _connector="OR",
                                ),
                                name="recommendation_proves_its_notice",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RecommendationEntry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField(verbose_name="序号")),
                        ("line", models.JSONField(default=dict, verbose_name="汇总表一行")),
                        (
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="recommendation_entries",
                                to="applications.application",
                            ),
                        ),
                        (
                            "notice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="applications.publicnotice",
                            ),
                        ),
                        (
                            "recommendation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="entries",
                                to="applications.recommendation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "推荐报送名单",
                        "ordering": ["position"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("recommendation", "application"), name="application_once_per_report"
                            ),
                            models.UniqueConstraint(
                                fields=("recommendation", "position"), name="position_once_per_report"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RoundExtension",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("closes_on", models.DateField(verbose_name="原申报截止")),
                        ("recommend_by", models.DateField(verbose_name="原推荐报送截止")),
                        ("new_closes_on", models.DateField(verbose_name="申报截止延至")),
                        ("new_recommend_by", models.DateField(verbose_name="推荐报送截止延至")),
                        ("reason", models.CharField(max_length=300, verbose_name="理由")),
                        ("made_on", models.DateField(verbose_name="办理日期")),
                        (
                            "made_by",
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
                                related_name="extensions",
                                to="applications.round",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "批次延期",
                        "ordering": ["-id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("new_closes_on__gte", models.F("closes_on")),
                                    ("new_recommend_by__gte", models.F("recommend_by")),
                                ),
                                name="round_is_extended_and_not_shortened",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("new_closes_on__lte", models.F("new_recommend_by"))),
                                name="round_extension_dates_in_order",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True), name="round_extension_has_a_reason"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SectionState",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("section", models.CharField(max_length=20, verbose_name="部分")),
                        ("version", models.PositiveIntegerField(default=0, verbose_name="保存次数")),
                        ("saved_at", models.DateTimeField(blank=True, null=True, verbose_name="最近保存")),
                        (
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="section_states",
                                to="applications.application",
                            ),
                        ),
                        (
                            "saved_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "申请书各部分的保存",
                        "constraints": [
                            models.UniqueConstraint(fields=("application", "section"), name="one_state_per_section"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SectionVisit",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("section", models.CharField(max_length=20, verbose_name="部分")),
                        ("window", models.UUIDField()),
                        ("seen_at", models.DateTimeField(verbose_name="最近打开")),
                        (
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="visits",
                                to="applications.application",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "正在填写",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("application", "section", "window"), name="one_visit_per_window"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SignedAgreement",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.UUIDField(default=uuid.uuid4, editable=False)),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        ("number", models.CharField(blank=True, max_length=60, verbose_name="协议编号")),
                        ("title", models.CharField(blank=True, max_length=100, verbose_name="协议名称")),
                        ("signed_on", models.DateField(blank=True, null=True, verbose_name="签署日")),
                        ("expires_on", models.DateField(blank=True, null=True, verbose_name="有效期至")),
                        (
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="agreements",
                                to="applications.application",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "联合培养协议",
                        "ordering": ["position", "pk"],
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(fields=("application", "key"), name="signed_agreement_row_once"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TrainedStudent",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.UUIDField(default=uuid.uuid4, editable=False)),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        ("name", models.CharField(max_length=30, verbose_name="姓名")),
                        ("number", models.CharField(max_length=20, verbose_name="学号")),
                        ("category_name", models.CharField(max_length=40, verbose_name="专业学位类别")),
                        ("field", models.CharField(blank=True, max_length=40, verbose_name="领域")),
                        (
                            "level",
                            models.CharField(
                                choices=[("master", "硕士"), ("doctor", "博士")], max_length=10, verbose_name="层次"
                            ),
                        ),
                        (
                            "mode",
                            models.CharField(
                                choices=[("full_time", "全日制"), ("part_time", "非全日制")],
                                max_length=10,
                                verbose_name="培养方式",
                            ),
                        ),
                        ("campus_mentor", models.CharField(blank=True, max_length=30, verbose_name="校内导师")),
                        ("industry_mentor", models.CharField(blank=True, max_length=30, verbose_name="行业产业导师")),
                        ("entered_on", models.DateField(verbose_name="入基地日")),
                        ("left_on", models.DateField(blank=True, null=True, verbose_name="出基地日")),
                        ("project", models.CharField(blank=True, max_length=100, verbose_name="实践项目")),
                        ("thesis", models.CharField(blank=True, max_length=150, verbose_name="学位论文题目")),
                        (
                            "graduation_year",
                            models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="毕业年份"),
                        ),
                        ("destination", models.CharField(blank=True, max_length=100, verbose_name="毕业去向")),
                        (
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="trained_students",
                                to="applications.application",
                            ),
                        ),
                        (
                            "category",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="bases.degreecategory",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "已培养研究生",
                        "ordering": ["position", "pk"],
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(fields=("application", "key"), name="trained_student_row_once"),
                            models.UniqueConstraint(
                                fields=("application", "number"),
                                name="student_once_per_application",
                                violation_error_message="这个学号已在名单中。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("level__in", ["master", "doctor"])), name="student_level_known"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("mode__in", ["full_time", "part_time"])), name="student_mode_known"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("left_on", None), ("left_on__gte", models.F("entered_on")), _connector="OR"
                                ),
                                name="student_leaves_after_entering",
                                violation_error_message="出基地日不能早于入基地日。",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("graduation_year", None), ("graduation_year__range", (1950, 2100)), _connector="OR"
                                ),
                                name="student_graduation_plausible",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="UnitDeadline",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("declare_by", models.DateField(verbose_name="校内申报截止")),
                        ("set_on", models.DateField(verbose_name="设定日期")),
                        (
                            "round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="unit_deadlines",
                                to="applications.round",
                            ),
                        ),
                        (
                            "set_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "training_unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="bases.trainingunit"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "校内申报截止",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("round", "training_unit"), name="one_deadline_per_round_and_unit"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="UnitFacts",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                        ("categories", models.PositiveSmallIntegerField(verbose_name="专业学位类别数")),
                        (
                            "professional_students",
                            models.PositiveIntegerField(verbose_name="专业学位研究生在校生（人）"),
                        ),
                        ("double_first_class", models.BooleanField(default=False, verbose_name="“双一流”建设")),
                        ("entered_at", models.DateTimeField(auto_now=True)),
                        (
                            "entered_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "training_unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="yearly_facts",
                                to="bases.trainingunit",
                                verbose_name="培养单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "培养单位年度数据",
                        "ordering": ["-year", "training_unit__code"],
                        "constraints": [
                            models.UniqueConstraint(fields=("training_unit", "year"), name="unit_facts_once_a_year"),
                            models.CheckConstraint(
                                condition=models.Q(("year__range", (2020, 2100))), name="unit_facts_year_within_sight"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("categories__lte", 100), ("professional_students__lte", 200000)),
                                name="unit_facts_plausible",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="YearTarget",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.UUIDField(default=uuid.uuid4, editable=False)),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        ("year", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="建设年")),
                        ("plan", models.CharField(blank=True, max_length=500, verbose_name="主要任务")),
                        ("students", models.PositiveIntegerField(blank=True, null=True, verbose_name="进基地研究生")),
                        ("projects", models.PositiveIntegerField(blank=True, null=True, verbose_name="实践项目")),
                        ("mentors", models.PositiveIntegerField(blank=True, null=True, verbose_name="行业产业导师")),
                        (
                            "courses",
                            models.PositiveIntegerField(blank=True, null=True, verbose_name="课程、案例、教材"),
                        ),
                        ("results", models.PositiveIntegerField(blank=True, null=True, verbose_name="成果")),
                        (
                            "application",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="year_targets",
                                to="applications.application",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "三年计划与量化目标",
                        "ordering": ["position", "pk"],
                        "abstract": False,
                        "constraints": [
                            models.UniqueConstraint(fields=("application", "key"), name="year_target_row_once"),
                            models.CheckConstraint(
                                condition=models.Q(("year", None), ("year__range", (1, 3)), _connector="OR"),
                                name="year_target_of_three_years",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("students", None), ("students__lte", 100000), _connector="OR"),
                                    models.Q(("projects", None), ("projects__lte", 100000), _connector="OR"),
                                    models.Q(("mentors", None), ("mentors__lte", 100000), _connector="OR"),
                                    models.Q(("courses", None), ("courses__lte", 100000), _connector="OR"),
                                    models.Q(("results", None), ("results__lte", 100000), _connector="OR"),
                                ),
                                name="year_target_plausible",
                            ),
                        ],
                    },
                ),
                migrations.AddField(
                    model_name="application",
                    name="category",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="bases.degreecategory",
                        verbose_name="专业学位类别",
                    ),
                ),
                migrations.AddField(
                    model_name="application",
                    name="division",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="bases.division",
                        verbose_name="所在盟市、旗县区",
                    ),
                ),
                migrations.AddField(
                    model_name="application",
                    name="field",
                    field=models.CharField(blank=True, max_length=40, verbose_name="领域"),
                ),
                migrations.AddField(
                    model_name="application",
                    name="name",
                    field=models.CharField(default="", max_length=60, verbose_name="基地名称"),
                    preserve_default=False,
                ),
                migrations.AddField(
                    model_name="application",
                    name="partner",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="bases.partnerunit",
                        verbose_name="校外合作单位",
                    ),
                ),
                migrations.AddField(
                    model_name="application",
                    name="priority_industry",
                    field=models.CharField(
                        blank=True,
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
                            ("none", "不属于"),
                        ],
                        max_length=30,
                        verbose_name="优先产业",
                    ),
                ),
                migrations.AddField(
                    model_name="application",
                    name="rank",
                    field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="推荐排序"),
                ),
                migrations.AddField(
                    model_name="quota",
                    name="arithmetic",
                    field=models.JSONField(blank=True, default=dict, verbose_name="测算依据"),
                ),
                migrations.AddField(
                    model_name="quota",
                    name="override_reason",
                    field=models.CharField(blank=True, max_length=300, verbose_name="调整理由"),
                ),
                migrations.AddField(
                    model_name="quota",
                    name="proposed",
                    field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="测算名额"),
                ),
                migrations.AddField(
                    model_name="round",
                    name="quotas_published_by",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddField(
                    model_name="round",
                    name="quotas_published_on",
                    field=models.DateField(blank=True, null=True, verbose_name="名额下达日期"),
                ),
                migrations.AddField(
                    model_name="unitreview",
                    name="agreed",
                    field=models.BooleanField(default=True, verbose_name="同意推荐"),
                ),
                migrations.AddConstraint(
                    model_name="application",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            (
                                "priority_industry__in",
                                [
                                    "",
                                    "modern_energy",
                                    "information_technology",
                                    "energy_saving",
                                    "advanced_manufacturing",
                                    "chemicals_materials",
                                    "biotechnology",
                                    "smart_agriculture",
                                    "ecological_protection",
                                    "education",
                                    "health",
                                    "care",
                                    "culture_tourism",
                                    "law",
                                    "none",
                                ],
                            )
                        ),
                        name="application_industry_known",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="application",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("rank", None), ("rank__gte", 1), _connector="OR"),
                        name="application_rank_counts_from_one",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="quota",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("proposed", None),
                            ("places", models.F("proposed")),
                            models.Q(("override_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="overridden_quota_has_a_reason",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="round",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("quotas_published_by", None), ("quotas_published_on", None)),
                            models.Q(("quotas_published_by__isnull", False), ("quotas_published_on__isnull", False)),
                            _connector="OR",
                        ),
                        name="published_quotas_have_their_publisher",
                    ),
                ),
            ]
        ),
    ]
