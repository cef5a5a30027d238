from django.db import migrations, models

from portal.migrating import Together


class Migration(migrations.Migration):
    dependencies = [("applications", "0008_carry_over_objections")]

    operations = [
        Together(
            [
                migrations.RemoveField(
                    model_name="objection",
                    name="evidence",
                ),
                migrations.AlterField(
                    model_name="objection",
                    name="year",
                    field=models.PositiveSmallIntegerField(verbose_name="编号年份"),
                ),
                migrations.AlterField(
                    model_name="objection",
                    name="serial",
                    field=models.PositiveIntegerField(verbose_name="编号"),
                ),
                migrations.AddConstraint(
                    model_name="objection",
                    constraint=models.UniqueConstraint(
                        fields=("issuer_unit", "year", "serial"), name="objection_number_unique", nulls_distinct=False
                    ),
                ),
                migrations.AddConstraint(
                    model_name="objection",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("serial__gte", 1)), name="objection_number_counts_from_one"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="objection",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                ["submitted", "accepted", "declined", "upheld", "partly_upheld", "dismissed"],
                            )
                        ),
                        name="objection_status_known",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="objection",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("kind__in", ["person", "unit"])), name="objection_kind_known"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="objection",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("decline_ground__in", ["", "late", "untrue", "groundless", "foreign"])),
                        name="objection_decline_ground_known",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="objection",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decline_ground__gt", ""), ("status", "declined")),
                            models.Q(models.Q(("status", "declined"), _negated=True), ("decline_ground", "")),
                            _connector="OR",
                        ),
                        name="declined_objection_has_its_ground",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="objection",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "partly_upheld"), _negated=True),
                            models.Q(("remedy", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="partly_upheld_objection_has_a_remedy",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="objection",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("phone__regex", "^1[3-9][0-9]{9}$"),
                            models.Q(("entered_by__isnull", False), ("phone", "")),
                            _connector="OR",
                        ),
                        name="objection_phone_can_be_called",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="objection",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True), ("entered_by__isnull", False), _connector="OR"
                        ),
                        name="objection_has_a_real_name",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="objection",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("kind", "person"), models.Q(("contact_person", ""), _negated=True), _connector="OR"
                        ),
                        name="objecting_unit_names_its_contact",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="objection",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("entered_by", None), ("received_by", "")),
                            models.Q(("entered_by__isnull", False), models.Q(("received_by", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="objection_letter_says_who_received_it",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="objection",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["submitted", "declined"]),
                            models.Q(
                                ("accepted_by__isnull", False),
                                ("accepted_on__isnull", False),
                                ("conclude_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="accepted_objection_has_its_dates",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="objection",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("accepted_on", None), ("accepted_on__gte", models.F("filed_on")), _connector="OR"
                        ),
                        name="objection_accepted_after_it_came",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="objection",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("extended_because", ""),
                                ("extended_by", None),
                                ("extended_on", None),
                                ("extended_to", None),
                            ),
                            models.Q(
                                ("extended_by__isnull", False),
                                ("extended_on__isnull", False),
                                ("extended_to__gt", models.F("conclude_by")),
                                models.Q(("extended_because", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="objection_extended_once_with_a_reason",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="objection",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answer", None), ("answer_text", ""), ("answered_by", None), ("answered_on", None)
                            ),
                            models.Q(
                                ("answered_by__isnull", False),
                                ("answered_on__gte", models.F("handled_on")),
                                models.Q(("answer_text", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="objection_answered_after_its_conclusion",
                    ),
                ),
            ]
        ),
    ]
