"""What was handed in as a file of the task 修订协议 is an agreement now, and goes back into the task with the migration."""

from datetime import date
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from agreements.models import Agreement, AgreementRevision, AgreementStep, Clause
from agreements.services import agreement_signing
from agreements.services.terms import terms_of
from tests.factories import World

FILES_IN_THE_TASK = ("agreements", "0003_cooperation_tables")


@pytest.mark.django_db(transaction=True)
@pytest.mark.article("10")
def test_files_of_the_task_and_agreements_turn_into_one_another(today: date) -> None:
    world = World.create()
    with transaction.atomic():
        done, waiting, returned, untouched = (world.constructing(today) for _each in range(4))
        effective = world.revise_agreement(done, today)
        signed = world.hand_in_agreement(waiting, today)
        sent_back = world.hand_in_agreement(returned, today)
        agreement_signing.return_scan(
            agreement=sent_back, by=world.partner_officer, on=today, reason="缺页。", seen_file=sent_back.scan_id
        )
    call_command("migrate", *FILES_IN_THE_TASK, verbosity=0)
    try:
        state = MigrationExecutor(connection).loader.project_state(FILES_IN_THE_TASK)
        task: Any = state.apps.get_model("agreements", "AgreementRevision")
        unit, partner = world.unit_officer.user_id, world.partner_officer.user_id
        assert list(
            task.objects.order_by("base").values_list(
                "base", "file", "submitted_by", "submitted_on", "confirmed_by", "confirmed_on", "returned_reason"
            )
        ) == [
            (done.pk, effective.scan_id, unit, today, partner, today, ""),
            (waiting.pk, signed.scan_id, unit, today, None, None, ""),
            (returned.pk, sent_back.scan_id, None, None, None, None, "缺页。"),
            (untouched.pk, None, None, None, None, None, ""),
        ]
        assert set(task.objects.exclude(file=None).values_list("file__purpose", flat=True)) == {"revised_agreement"}
        # As it was before there were agreements at all.
        with transaction.atomic():
            state.apps.get_model("agreements", "Agreement").objects.all().delete()
    finally:
        call_command("migrate", verbosity=0)
    known = Agreement.objects.order_by("base").values_list(
        "base", "origin", "status", "signed_on", "scan", "returned_reason"
    )
    assert list(known) == [
        (done.pk, "scan", "effective", today, effective.scan_id, ""),
        (waiting.pk, "scan", "signed", today, signed.scan_id, ""),
        (returned.pk, "scan", "agreed", today, sent_back.scan_id, "缺页。"),
    ]
    tasks = {each.base_id: each for each in AgreementRevision.objects.all()}
    assert {pk: (each.agreement_id is not None, each.done_on) for pk, each in tasks.items()} == {
        done.pk: (True, today), waiting.pk: (False, None), returned.pk: (False, None), untouched.pk: (False, None),
    }  # fmt: skip
    now = Agreement.objects.get(base=waiting)
    confirmed = agreement_signing.confirm(agreement=now, by=world.partner_officer, on=today, seen_file=now.scan_id)
    assert (confirmed.status, sorted(terms_of([done.pk, waiting.pk], today))) == (
        "effective",
        sorted([done.pk, waiting.pk]),
    )
    assert AgreementStep.objects.filter(agreement__base=done).values_list("kind", flat=True).count() == 2
    assert Clause.objects.count() == 0
