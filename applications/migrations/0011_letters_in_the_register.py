from django.db import migrations


def show_the_letters(apps, schema_editor):
    """The 报送函 that were made before stand in the register with the same PDF and under the same code as in their report."""
    documents = apps.get_model("bases", "OfficialDocument").objects
    made = apps.get_model("applications", "Recommendation").objects.exclude(letter_pdf=None)
    for document_id, pdf_id, record_id in made.values_list("document_id", "letter_pdf_id", "letter_record_id"):
        documents.filter(pk=document_id).update(pdf_id=pdf_id, record_id=record_id)
    waiting = apps.get_model("applications", "Recommendation").objects.filter(letter_pdf=None)
    for pk, document_id in waiting.values_list("pk", "document_id"):
        documents.filter(pk=document_id).update(pdf_job=f"recommendation_files:{pk}")


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0010_notice_workflow"),
        ("bases", "0008_document_register"),
    ]

    operations = [migrations.RunPython(show_the_letters, migrations.RunPython.noop)]
