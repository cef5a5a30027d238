import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import portal.codes
from portal.migrating import Together


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0002_import_checks"),
    ]

    operations = [
        migrations.CreateModel(
            name="IssuedRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        default=portal.codes.new, editable=False, max_length=12, unique=True, verbose_name="核验码"
                    ),
                ),
                ("kind", models.CharField(max_length=40, verbose_name="文书种类")),
                ("title", models.CharField(max_length=200, verbose_name="标题")),
                ("number", models.CharField(blank=True, max_length=60, verbose_name="文号")),
                ("issuer", models.CharField(max_length=120, verbose_name="签发单位")),
                ("issued_on", models.DateField(verbose_name="签发日期")),
                ("is_public", models.BooleanField(default=True, verbose_name="公开标题")),
                ("withdrawn_on", models.DateField(blank=True, null=True, verbose_name="撤回日期")),
                ("withdrawn_reason", models.CharField(blank=True, max_length=500, verbose_name="撤回原因")),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "签发记录",
                "ordering": ["-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("code__regex", "^[ACDEFGHJKMNPQRTVWXY34679]{12}$")),
                        name="issued_code_well_formed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", ""), _negated=True),
                            models.Q(("title", ""), _negated=True),
                            models.Q(("issuer", ""), _negated=True),
                        ),
                        name="issued_record_says_what_and_by_whom",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("withdrawn_on", None), ("withdrawn_reason", "")),
                            models.Q(
                                ("withdrawn_on__isnull", False), models.Q(("withdrawn_reason", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="withdrawn_record_has_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("withdrawn_on", None), ("withdrawn_on__gte", models.F("issued_on")), _connector="OR"
                        ),
                        name="withdrawn_after_it_was_issued",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IssuedCopy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("generated", "平台生成的文件"), ("scan", "盖章扫描件")],
                        max_length=10,
                        verbose_name="来源",
                    ),
                ),
                ("sha256", models.CharField(db_index=True, max_length=64)),
                ("signed_by", models.CharField(blank=True, max_length=200, verbose_name="电子签名人")),
                ("certificate_sha256", models.CharField(blank=True, max_length=64)),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="copies", to="portal.issuedrecord"
                    ),
                ),
            ],
            options={
                "verbose_name": "签发文件",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("record", "sha256"), name="copy_once_per_record"),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "generated")),
                        fields=("record",),
                        name="one_generated_copy_per_record",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["generated", "scan"])), name="copy_kind_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")), name="copy_has_its_hash"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("certificate_sha256", ""), ("signed_by", "")),
                            models.Q(
                                models.Q(("signed_by", ""), _negated=True),
                                ("certificate_sha256__regex", "^[0-9a-f]{64}$"),
                            ),
                            _connector="OR",
                        ),
                        name="signed_copy_names_its_certificate",
                    ),
                ],
            },
        ),
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="issuedrecord",
                    trigger=pgtrigger.compiler.Trigger(
                        name="issued_records_stay",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="4af4db4a97d618a1ac43e922a1c28fab1d6a9b90",
                            operation="DELETE",
                            pgid="pgtrigger_issued_records_stay_f554a",
                            table="portal_issuedrecord",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="issuedrecord",
                    trigger=pgtrigger.compiler.Trigger(
                        name="issued_records_change_by_withdrawal_alone",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_public" IS DISTINCT FROM (NEW."is_public") OR OLD."issued_on" IS DISTINCT FROM (NEW."issued_on") OR OLD."issuer" IS DISTINCT FROM (NEW."issuer") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."recorded_at" IS DISTINCT FROM (NEW."recorded_at") OR OLD."title" IS DISTINCT FROM (NEW."title"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="17e09603c4b4dae2676c6a5b7442285598fec752",
                            operation="UPDATE",
                            pgid="pgtrigger_issued_records_change_by_withdrawal_alone_d5e20",
                            table="portal_issuedrecord",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="issuedrecord",
                    trigger=pgtrigger.compiler.Trigger(
                        name="withdrawal_is_for_good",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."withdrawn_on" IS NOT NULL)',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="0360540f2233cdb4f2a7ab99f1f6fc7beb83483e",
                            operation="UPDATE",
                            pgid="pgtrigger_withdrawal_is_for_good_dc8b5",
                            table="portal_issuedrecord",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="issuedcopy",
                    trigger=pgtrigger.compiler.Trigger(
                        name="issued_copies_are_append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="7f9c125fd97570c4fe6119a1ee318208b4cf5c9a",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_issued_copies_are_append_only_4671d",
                            table="portal_issuedcopy",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        ),
    ]
