import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from portal.migrating import Together


def tell_namesakes_apart(apps, schema_editor):
    """Two people of one name at one employer are numbered, so that each can be named; nobody had a telephone number yet."""
    seen = {}
    for profile in apps.get_model("applications", "ExpertProfile").objects.order_by("pk"):
        number = seen[profile.name, profile.employer] = seen.get((profile.name, profile.employer), 0) + 1
        if number > 1:
            profile.name = f"{profile.name[:36]}（{number}）"
            profile.save(update_fields=["name"])


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0012_review_and_meetings"),
        ("bases", "0009_review_policy"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(tell_namesakes_apart, migrations.RunPython.noop),
        Together(
            [
                migrations.CreateModel(
                    name="ExpertChange",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("words", models.CharField(max_length=300, verbose_name="办理事项")),
                        ("details", models.JSONField(default=list, verbose_name="改动内容")),
                        ("changed_on", models.DateField(verbose_name="业务日期")),
                        ("changed_at", models.DateTimeField(auto_now_add=True, verbose_name="办理时间")),
                        (
                            "changed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="办理人",
                            ),
                        ),
                        (
                            "profile",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="changes",
                                to="applications.expertprofile",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "专家变动记录",
                        "ordering": ["-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("words", ""), _negated=True), name="expert_change_says_what"
                            ),
                        ],
                    },
                ),
                migrations.AlterField(
                    model_name="expertinvitation",
                    name="profile",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to="applications.expertprofile",
                    ),
                ),
                migrations.AlterField(
                    model_name="expertrelation",
                    name="profile",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="relations",
                        to="applications.expertprofile",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="expertinvitation",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("accepted_at", None), ("declined_at", None)),
                            models.Q(("accepted_at", None), ("withdrawn_at", None)),
                            models.Q(("declined_at", None), ("withdrawn_at", None)),
                            _connector="OR",
                        ),
                        name="invitation_ends_once",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="expertinvitation",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("declined_at", None), models.Q(("declined_reason", ""), _negated=True), _connector="OR"
                        ),
                        name="declined_invitation_says_why",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="expertprofile",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("phone", ""), ("phone__regex", "^1[3-9][0-9]{9}$"), _connector="OR"),
                        name="expert_phone_can_be_called",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="expertprofile",
                    constraint=models.UniqueConstraint(fields=("name", "employer"), name="expert_once_per_employer"),
                ),
                migrations.AddConstraint(
                    model_name="expertprofile",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("phone", ""), _negated=True),
                        fields=("phone",),
                        name="expert_once_per_phone",
                    ),
                ),
            ]
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="expertchange",
            trigger=pgtrigger.compiler.Trigger(
                name="expert_changes_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="09f734f0569ff59ea55d53af3620c42ebdab251b",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_expert_changes_append_only_07095",
                    table="applications_expertchange",
                    when="BEFORE",
                ),
            ),
        ),
    ]
