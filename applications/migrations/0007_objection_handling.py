import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from portal.migrating import Together


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0006_verification_records"),
        ("bases", "0007_objection_days"),
        ("portal", "0003_issued_documents"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="ObjectionCounter",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("year", models.PositiveSmallIntegerField()),
                        ("last", models.PositiveIntegerField(default=0)),
                        (
                            "issuer_unit",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="bases.trainingunit",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "异议编号计数",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("issuer_unit", "year"),
                                name="one_objection_counter_per_office_and_year",
                                nulls_distinct=False,
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ObjectionRecord",
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
                                    ("talk", "谈话"),
                                    ("papers", "查阅材料"),
                                    ("site", "现场核查"),
                                    ("other", "其他"),
                                ],
                                max_length=10,
                                verbose_name="方式",
                            ),
                        ),
                        ("held_on", models.DateField(verbose_name="日期")),
                        ("people", models.CharField(max_length=200, verbose_name="参加人员")),
                        ("content", models.CharField(max_length=2000, verbose_name="内容")),
                        ("recorded_on", models.DateField(verbose_name="记录日期")),
                        ("recorded_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "objection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="records",
                                to="applications.objection",
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
                    ],
                    options={
                        "verbose_name": "调查记录",
                        "ordering": ["held_on", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("kind__in", ["talk", "papers", "site", "other"])),
                                name="objection_record_kind_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("people", ""), _negated=True), models.Q(("content", ""), _negated=True)
                                ),
                                name="objection_record_says_who_and_what",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("recorded_on__gte", models.F("held_on"))),
                                name="objection_recorded_after_it_happened",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ObjectionFile",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "objection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="files",
                                to="applications.objection",
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
                        (
                            "record",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="files",
                                to="applications.objectionrecord",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "异议材料",
                        "ordering": ["pk"],
                    },
                ),
                migrations.CreateModel(
                    name="ObjectionLook",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=60, verbose_name="查看人")),
                        ("role", models.CharField(max_length=20, verbose_name="角色")),
                        ("organisation", models.CharField(blank=True, max_length=120, verbose_name="单位")),
                        ("at", models.DateTimeField(auto_now_add=True, verbose_name="时间")),
                        (
                            "objection",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="looks",
                                to="applications.objection",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "异议人信息查看记录",
                        "ordering": ["-pk"],
                        "indexes": [
                            models.Index(fields=["objection", "user", "at"], name="objection_look_by_user"),
                        ],
                    },
                ),
                migrations.RemoveConstraint(
                    model_name="objection",
                    name="objection_status_known",
                ),
                migrations.RemoveConstraint(
                    model_name="objection",
                    name="objection_phone_can_be_called",
                ),
                migrations.AddField(
                    model_name="objection",
                    name="accept_by",
                    field=models.DateField(blank=True, null=True, verbose_name="受理期限"),
                ),
                migrations.AddField(
                    model_name="objection",
                    name="accepted_by",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddField(
                    model_name="objection",
                    name="accepted_on",
                    field=models.DateField(blank=True, null=True, verbose_name="受理日期"),
                ),
                migrations.AddField(
                    model_name="objection",
                    name="address",
                    field=models.CharField(blank=True, max_length=120, verbose_name="通信地址"),
                ),
                migrations.AddField(
                    model_name="objection",
                    name="answer",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portal.storedfile",
                    ),
                ),
                migrations.AddField(
                    model_name="objection",
                    name="answer_text",
                    field=models.CharField(blank=True, max_length=3000, verbose_name="答复正文"),
                ),
                migrations.AddField(
                    model_name="objection",
                    name="answered_by",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddField(
                    model_name="objection",
                    name="answered_on",
                    field=models.DateField(blank=True, null=True, verbose_name="答复日期"),
                ),
                migrations.AddField(
                    model_name="objection",
                    name="conclude_by",
                    field=models.DateField(blank=True, null=True, verbose_name="办结期限"),
                ),
                migrations.AddField(
                    model_name="objection",
                    name="contact_person",
                    field=models.CharField(blank=True, max_length=30, verbose_name="联系人"),
                ),
                migrations.AddField(
                    model_name="objection",
                    name="decline_ground",
                    field=models.CharField(
                        blank=True,
                        choices=[
                            ("late", "逾期提出"),
                            ("untrue", "匿名或者身份信息不实"),
                            ("groundless", "没有事实依据"),
                            ("foreign", "不属于本公示的事项"),
                        ],
                        max_length=12,
                        verbose_name="不予受理的情形",
                    ),
                ),
                migrations.AddField(
                    model_name="objection",
                    name="entered_by",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddField(
                    model_name="objection",
                    name="extended_because",
                    field=models.CharField(blank=True, max_length=500, verbose_name="延期理由"),
                ),
                migrations.AddField(
                    model_name="objection",
                    name="extended_by",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddField(
                    model_name="objection",
                    name="extended_on",
                    field=models.DateField(blank=True, null=True, verbose_name="延期日期"),
                ),
                migrations.AddField(
                    model_name="objection",
                    name="extended_to",
                    field=models.DateField(blank=True, null=True, verbose_name="延期后的办结期限"),
                ),
                migrations.AddField(
                    model_name="objection",
                    name="filed_at",
                    field=models.DateTimeField(auto_now_add=True, default=django.utils.timezone.now),
                    preserve_default=False,
                ),
                migrations.AddField(
                    model_name="objection",
                    name="issuer_unit",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="bases.trainingunit",
                        verbose_name="办理单位",
                    ),
                ),
                migrations.AddField(
                    model_name="objection",
                    name="kind",
                    field=models.CharField(
                        choices=[("person", "个人"), ("unit", "单位")],
                        default="person",
                        max_length=10,
                        verbose_name="异议人类型",
                    ),
                ),
                migrations.AddField(
                    model_name="objection",
                    name="received_by",
                    field=models.CharField(blank=True, max_length=30, verbose_name="收件人"),
                ),
                migrations.AddField(
                    model_name="objection",
                    name="remedy",
                    field=models.CharField(blank=True, max_length=1000, verbose_name="处理措施"),
                ),
                migrations.AddField(
                    model_name="objection",
                    name="serial",
                    field=models.PositiveIntegerField(null=True, verbose_name="编号"),
                ),
                migrations.AddField(
                    model_name="objection",
                    name="year",
                    field=models.PositiveSmallIntegerField(null=True, verbose_name="编号年份"),
                ),
                migrations.AlterField(
                    model_name="objection",
                    name="handled_on",
                    field=models.DateField(blank=True, null=True, verbose_name="办结日期"),
                ),
                migrations.AlterField(
                    model_name="objection",
                    name="name",
                    field=models.CharField(blank=True, max_length=60, verbose_name="真实姓名或单位名称"),
                ),
                migrations.AlterField(
                    model_name="objection",
                    name="phone",
                    field=models.CharField(
                        blank=True,
                        max_length=20,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^1[3-9][0-9]{9}$", "手机号应为 11 位，以便核实并答复，请核对。"
                            )
                        ],
                        verbose_name="手机",
                    ),
                ),
                migrations.AlterField(
                    model_name="objection",
                    name="status",
                    field=models.CharField(
                        choices=[
                            ("submitted", "已提交"),
                            ("accepted", "已受理，调查中"),
                            ("declined", "不予受理"),
                            ("upheld", "异议成立"),
                            ("partly_upheld", "异议部分成立"),
                            ("dismissed", "异议不成立"),
                        ],
                        default="submitted",
                        max_length=16,
                        verbose_name="状态",
                    ),
                ),
            ]
        ),
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="objectionlook",
                    trigger=pgtrigger.compiler.Trigger(
                        name="objection_looks_stay",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="2334e921bebb923ea70317a7ef0df4ab69678ce0",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_objection_looks_stay_92fba",
                            table="applications_objectionlook",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="objectionrecord",
                    trigger=pgtrigger.compiler.Trigger(
                        name="objection_records_stay",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="6c42361c1bc8c64c37623a255a58cb5deac3f877",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_objection_records_stay_e5952",
                            table="applications_objectionrecord",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="objectionfile",
                    trigger=pgtrigger.compiler.Trigger(
                        name="objection_files_stay",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="21ece6f54551d36e4304dcfc0b55bc3c7176fb6d",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_objection_files_stay_80c91",
                            table="applications_objectionfile",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        ),
    ]
