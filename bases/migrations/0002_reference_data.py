import csv
import datetime
from pathlib import Path

from django.db import migrations

DATA = Path(__file__).resolve().parent.parent / "data"


def _rows(name):
    with (DATA / name).open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def load(apps, schema_editor):
    category, division, policy = (apps.get_model("bases", name) for name in ("DegreeCategory", "Division", "Policy"))
    category.objects.bulk_create(
        category(code=row["code"], name=row["name"], discipline=row["discipline"], doctoral=row["doctoral"] == "true")
        for row in _rows("degree_categories.csv")
    )
    leagues = {}
    for row in _rows("divisions.csv"):
        parent = leagues.get(row["code"][:4] + "00")
        created = division.objects.create(code=row["code"], name=row["name"], parent=parent)
        if row["code"].endswith("00"):
            leagues[row["code"]] = created
    policy.objects.create(
        version=1, effective_from=datetime.date(2021, 1, 1), note="初始版本：管理办法和协议文本所定数值，其余为惯例"
    )


def unload(apps, schema_editor):
    # Policy versions are protected by their trigger; going back drops the table, and the trigger with it.
    apps.get_model("bases", "Division").objects.exclude(parent=None).delete()
    apps.get_model("bases", "Division").objects.all().delete()
    apps.get_model("bases", "DegreeCategory").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("bases", "0001_initial")]
    operations = [migrations.RunPython(load, unload)]
