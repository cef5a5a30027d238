import csv
from pathlib import Path

from django.db import migrations

DATA = Path(__file__).resolve().parent.parent / "data" / "category_aliases.csv"


def load(apps, schema_editor):
    category, alias = apps.get_model("bases", "DegreeCategory"), apps.get_model("bases", "CategoryAlias")
    by_code = {each.code: each for each in category.objects.all()}
    with DATA.open(encoding="utf-8") as file:
        alias.objects.bulk_create(
            alias(category=by_code[row["category"]], code=row["code"], name=row["name"]) for row in csv.DictReader(file)
        )


def unload(apps, schema_editor):
    apps.get_model("bases", "CategoryAlias").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("bases", "0003_partners_fields_aliases_and_co_applicants")]
    operations = [migrations.RunPython(load, unload)]
