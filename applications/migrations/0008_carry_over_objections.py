from collections import Counter
from datetime import timedelta

import chinese_calendar
from django.db import migrations


def working_days_after(day, count, entered, exceptions):
    """The last of so many working days after a day; None where a year is not known."""
    while count:
        day += timedelta(days=1)
        if day in exceptions:
            count -= exceptions[day]
        elif day.year in entered:
            count -= day.weekday() < 5
        else:
            try:
                count -= chinese_calendar.is_workday(day)
            except NotImplementedError:
                return None
    return day


def number_and_date(apps, schema_editor):
    """Number what stands there in the order in which it came, and give it the deadlines and the file that it would have had."""
    Objection = apps.get_model("applications", "Objection")
    exceptions = dict(apps.get_model("portal", "CalendarDay").objects.values_list("day", "working"))
    entered = set(apps.get_model("portal", "CalendarYear").objects.values_list("year", flat=True))
    numbers = Counter()
    for objection in Objection.objects.select_related("notice").order_by("filed_on", "pk"):
        office = (objection.notice.issuer_unit_id, objection.filed_on.year)
        numbers[office] += 1
        objection.issuer_unit_id, objection.year, objection.serial = *office, numbers[office]
        objection.accept_by = working_days_after(objection.filed_on, 3, entered, exceptions)
        if objection.status not in {"submitted", "declined"}:
            # On which day it was accepted was not kept: the newest act that is known stands for it.
            objection.accepted_on = objection.handled_on or objection.filed_on
            objection.accepted_by_id = objection.handled_by_id or objection.notice.published_by_id
            due = working_days_after(objection.accepted_on, 10, entered, exceptions)
            objection.conclude_by = due or objection.accepted_on + timedelta(days=14)
        if objection.status == "accepted":
            objection.handled_on = objection.handled_by_id = None
        if objection.status == "declined":
            objection.decline_ground = "groundless"
        if objection.evidence_id:
            File = apps.get_model("applications", "ObjectionFile")
            File.objects.create(objection_id=objection.pk, stored_id=objection.evidence_id)
        objection.save()
    Counted = apps.get_model("applications", "ObjectionCounter")
    Counted.objects.bulk_create(
        Counted(issuer_unit_id=unit, year=year, last=last) for (unit, year), last in numbers.items()
    )


def back_to_one_file(apps, schema_editor):
    """What the older tables have no place for is said as near as they can; a letter without a number gets one that nobody has."""
    Objection = apps.get_model("applications", "Objection")
    for objection in Objection.objects.order_by("pk"):
        own = apps.get_model("applications", "ObjectionFile").objects.filter(objection_id=objection.pk, record=None)
        objection.evidence_id = own.order_by("pk").values_list("stored_id", flat=True).first()
        objection.status = "dismissed" if objection.status == "partly_upheld" else objection.status
        objection.name, objection.phone = objection.name or "匿名", objection.phone or "13000000000"
        if objection.status == "accepted":
            objection.handled_on, objection.handled_by_id = objection.accepted_on, objection.accepted_by_id
        objection.save()


class Migration(migrations.Migration):
    dependencies = [("applications", "0007_objection_handling")]

    operations = [migrations.RunPython(number_and_date, back_to_one_file)]
