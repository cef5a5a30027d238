import django.db.models.deletion
from django.db import migrations, models

from portal.migrating import Together


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0005_drop_short_form"),
        ("portal", "0003_issued_documents"),
    ]

    operations = [
        Together(
            [
                migrations.AddField(
                    model_name="printedapplication",
                    name="record",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portal.issuedrecord",
                    ),
                ),
                migrations.AddField(
                    model_name="publicnotice",
                    name="record",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portal.issuedrecord",
                    ),
                ),
                migrations.AddField(
                    model_name="recommendation",
                    name="letter_record",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portal.issuedrecord",
                    ),
                ),
                migrations.AddField(
                    model_name="recommendation",
                    name="summary_record",
                    field=models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="portal.issuedrecord",
                    ),
                ),
            ]
        ),
    ]
