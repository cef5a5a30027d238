from decimal import Decimal

from django.db import migrations

# The default sheets: 100 points each; six aspects of practice for applications, the six dimensions of 第十六条 for assessments.
SHEETS = {
    "application": (
        "申报评审指标",
        [
            ("fit", "学位点与产业契合", 20),
            ("partner", "合作单位条件", 20),
            ("results", "前期合作与成效", 25),
            ("mentors", "导师", 10),
            ("plan", "建设方案与目标", 15),
            ("support", "经费与制度保障", 10),
        ],
    ),
    "assessment": (
        "建设成效考核指标",
        [
            ("practice", "研究生实践情况", 25),
            ("mentors", "导师指导", 15),
            ("integration", "研究生产教融合工作", 20),
            ("results", "实践成果", 20),
            ("funds", "经费投入使用", 10),
            ("rules", "制度保障", 10),
        ],
    ),
}


def load(apps, schema_editor):
    rubric_model, criterion_model = (
        apps.get_model("applications", "Rubric"),
        apps.get_model("applications", "Criterion"),
    )
    for purpose, (name, rows) in SHEETS.items():
        rubric = rubric_model.objects.create(purpose=purpose, version=1, name=name)
        criterion_model.objects.bulk_create(
            criterion_model(rubric=rubric, key=key, name=label, points=Decimal(points), position=position)
            for position, (key, label, points) in enumerate(rows, start=1)
        )


def unload(apps, schema_editor):
    apps.get_model("applications", "Rubric").objects.filter(version=1).delete()


class Migration(migrations.Migration):
    dependencies = [("applications", "0001_initial")]
    operations = [migrations.RunPython(load, unload)]
