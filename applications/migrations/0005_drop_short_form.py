from django.db import migrations

from portal.migrating import Together


class Migration(migrations.Migration):
    dependencies = [("applications", "0004_carry_over_short_applications")]

    operations = [
        Together(
            [
                migrations.RemoveConstraint(
                    model_name="application",
                    name="investment_not_negative",
                ),
                migrations.RemoveConstraint(
                    model_name="application",
                    name="students_trained_plausible",
                ),
                migrations.RemoveField(
                    model_name="application",
                    name="agreement",
                ),
                migrations.RemoveField(
                    model_name="application",
                    name="declared_content",
                ),
                migrations.RemoveField(
                    model_name="application",
                    name="eligibility",
                ),
                migrations.RemoveField(
                    model_name="application",
                    name="partner_investment",
                ),
                migrations.RemoveField(
                    model_name="application",
                    name="reason",
                ),
                migrations.RemoveField(
                    model_name="application",
                    name="students_trained",
                ),
                migrations.RemoveField(
                    model_name="application",
                    name="unit_investment",
                ),
            ]
        ),
    ]
