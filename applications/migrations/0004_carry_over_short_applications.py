"""What the short application said moves into the parts of the full one; nothing that was declared is lost."""

import hashlib
import json

from django.db import migrations
from django.utils import timezone

NO_INDUSTRY = "none"
# The short form did not keep why an application went back once it was being mended again; the version must say something.
NOT_RECORDED = "（未记录）"
ROLES = {"unit_officer": "研究生院", "dept_officer": "教育厅经办"}
EARLY = {
    "cooperation_started_on": "合作起始日",
    "unit_investment": "培养单位已投入（元）",
    "partner_investment": "合作单位已投入（元）",
    "students_trained": "已联合培养本类别研究生（人）",
    "agreement_sha256": "联合培养协议校验码",
}


def carry_over(apps, schema_editor):
    """Covers, texts, investments, agreements and declared contents of the short form; quotas that are out stay out."""
    get = apps.get_model
    application_model, target_model = get("applications", "Application"), get("applications", "YearTarget")
    for application in application_model.objects.select_related("base__partner", "base__training_unit", "round"):
        base = application.base
        for name in ("name", "category_id", "field", "partner_id"):
            setattr(application, name, getattr(base, name))
        application.division_id = base.partner.division_id if base.partner_id else None
        was_declared = bool(application.declared_on or application.declared_content)
        application.priority_industry = base.priority_industry or (NO_INDUSTRY if was_declared else "")
        _keep(application, "name", "category_id", "field", "partner_id", "division_id", "priority_industry")
        get("applications", "ApplicationBasics").objects.create(application=application)
        get("applications", "PartnerProfile").objects.create(application=application)
        get("applications", "ConstructionPlan").objects.create(application=application, reason=application.reason)
        target_model.objects.bulk_create(
            target_model(application=application, position=n, year=n + 1) for n in range(3)
        )
        for position, (side, amount) in enumerate(
            [("unit", application.unit_investment), ("partner", application.partner_investment)]
        ):
            if amount is not None:
                get("applications", "PriorContribution").objects.create(
                    application=application, position=position, side=side, amount=amount
                )
        declared_files = _carry_agreements(apps, application)
        if was_declared:
            _keep_version(get("applications", "ApplicationVersion"), application, declared_files)
    for round_ in get("applications", "Round").objects.all():
        round_.quotas_published_on, round_.quotas_published_by_id = round_.opens_on, round_.opened_by_id
        round_.save()
        get("applications", "QuotaFormula").objects.create(round=round_)


def _keep(application, *names):
    # Not save(): the time of the last saving is the applicant's, not the migration's.
    values = {name: getattr(application, name) for name in names}
    type(application).objects.filter(pk=application.pk).update(**values)


def _carry_agreements(apps, application):
    """The agreement becomes an attachment; returns the one that was declared, which may have been replaced since."""
    file_model, stored_model = apps.get_model("applications", "ApplicationFile"), apps.get_model("portal", "StoredFile")
    who, given = application.base.applicant_id, {"application": application, "kind": "agreement"}
    declared = application.declared_content.get("agreement_sha256")
    current = stored_model.objects.filter(pk=application.agreement_id).first()
    earlier = None
    if declared and (current is None or current.sha256 != declared):
        same = stored_model.objects.filter(sha256=declared, purpose="application_attachment", uploaded_by_id=who)
        # Files of equal content may belong to other bases of the same person.
        elsewhere = type(application).objects.exclude(base_id=application.base_id).exclude(agreement=None)
        stored = same.exclude(pk__in=elsewhere.values("agreement_id")).order_by("pk").last()
        if stored is not None:
            earlier = file_model.objects.create(
                **given, stored=stored, added_by_id=who, removed_by_id=who, removed_at=application.saved_at
            )
    kept = None
    if current is not None:
        kept = file_model.objects.create(**given, stored=current, added_by_id=who, replaces=earlier)
    if declared and (current is None or current.sha256 != declared):
        return [earlier] if earlier else []
    return [kept] if kept else []


def _last_event(application, transition):
    """The last move of that kind before the base went on to a later round."""
    events = application.base.events.filter(transition=transition)
    later = application.base.applications.filter(round__year__gt=application.round.year).order_by("round__year").first()
    if later is not None:
        events = events.filter(on__lt=later.round.opens_on)
    return events.order_by("sequence").last()


def _how_it_ended(application):
    """When the version was declared; and when, by whom and why it was sent back, if it was."""
    if application.declared_on:
        return {"declared_on": application.declared_on}
    declared, sent_back = (_last_event(application, name) for name in ("declare", "return_for_revision"))
    out = {
        "declared_on": declared.on if declared else application.round.opens_on,
        "returned_on": sent_back.on if sent_back else timezone.localdate(application.saved_at),
        "returned_reason": application.returned_reason or NOT_RECORDED,
    }
    if sent_back is not None:
        role = ROLES.get(sent_back.role)
        out["returned_by"] = f"{sent_back.actor_name}（{role}）" if role else sent_back.actor_name
    return out


def _keep_version(model, application, files):
    base, declared = application.base, application.declared_content
    industries = dict(application._meta.get_field("priority_industry").flatchoices)
    industry = declared.get("priority_industry") or NO_INDUSTRY
    cover = [
        ("name", "基地名称", declared.get("name", base.name)),
        ("category", "专业学位类别", declared.get("category") or ""),
        ("field", "领域", declared.get("field") or ""),
        ("partner", "校外合作单位", declared.get("partner") or ""),
        ("priority_industry", "优先产业", str(industries.get(industry, industry))),
    ]
    early = [(key, label, "" if declared.get(key) is None else str(declared[key])) for key, label in EARLY.items()]
    sections = [
        _section("cover", "", "封面", "7(1)", cover),
        _section("cooperation", "三", "前期合作", "7(3)", early),
        _section("plan", "五", "建设方案", "8(2)", [], declared.get("reason") or ""),
    ]
    content = {
        "title": declared.get("name", base.name),
        "year": application.round.year,
        "unit": base.training_unit.name,
        "sections": sections,
    }
    printed = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
    version = model.objects.create(
        application=application,
        number=1,
        declared_by_id=base.applicant_id,
        content=content,
        content_sha256=hashlib.sha256(printed).hexdigest(),
        eligibility=[_with_verdict(check) for check in application.eligibility],
        **_how_it_ended(application),
    )
    version.files.set(files)


def _with_verdict(check):
    kept = dict(check)
    passed = kept.pop("passed")
    return {**kept, "verdict": "pass" if passed else "fail"}


def _with_passed(check):
    kept = dict(check)
    verdict = kept.pop("verdict")
    # What was left to people's judgement stopped nobody: the short form knows only what stops and what does not.
    return {**kept, "passed": verdict != "fail"}


def _section(key, number, title, articles, facts, reason=""):
    return {
        "key": key,
        "number": number,
        "title": title,
        "articles": articles,
        "facts": [{"key": name, "label": label, "value": value} for name, label, value in facts],
        "texts": [{"key": "reason", "label": "申报理由", "value": reason, "limit": 800}] if reason else [],
        "tables": [],
    }


def bring_back(apps, schema_editor):
    """The short form has columns for sums, one agreement, one reason and what was declared last; the rest has no place there."""
    for application in apps.get_model("applications", "Application").objects.all():
        newest = application.versions.order_by("-number").first()
        answers = _answers(newest.content) if newest else {}
        for side in ("unit", "partner"):
            amounts = [row.amount for row in application.contributions.filter(side=side) if row.amount is not None]
            setattr(application, f"{side}_investment", sum(amounts) if amounts else None)
        said = answers.get("students_trained", "")
        application.students_trained = application.trained_students.count() or (int(said) if said.isdigit() else None)
        application.reason = application.plan.reason
        agreement = application.files.filter(kind="agreement", removed_at=None).order_by("pk").first()
        application.agreement_id = agreement.stored_id if agreement else None
        if newest is not None:
            application.declared_content = _declared(application, newest, answers)
            application.eligibility = [_with_passed(check) for check in newest.eligibility]
        _keep(
            application, "unit_investment", "partner_investment", "students_trained", "reason", "agreement_id",
            "declared_content", "eligibility",
        )  # fmt: skip
        for version in application.versions.all():
            version.files.clear()
        application.files.update(replaces=None)
        for related in ("prints", "versions", "files", "contributions", "year_targets"):
            getattr(application, related).all().delete()
        for part in ("basics", "partner_profile", "plan"):
            getattr(application, part).delete()
    apps.get_model("applications", "QuotaFormula").objects.all().delete()
    apps.get_model("applications", "Round").objects.update(quotas_published_on=None, quotas_published_by=None)


def _answers(content):
    """Every short and long answer of a version by its key."""
    return {
        answer["key"]: answer["value"]
        for section in content.get("sections", [])
        for answer in [*section["facts"], *section["texts"]]
    }


def _declared(application, version, answers):
    """What the short form kept of a declaration; sums and students of a full version are those of its rows."""
    keys = {str(label): key for key, label in application._meta.get_field("priority_industry").flatchoices}
    industry = keys.get(answers.get("priority_industry", ""), "")
    agreement = version.files.filter(kind="agreement").select_related("stored").order_by("pk").first()
    said = answers.get("students_trained", "")
    sums = {name: getattr(application, name) for name in ("unit_investment", "partner_investment")}
    own = {name: "" if amount is None else str(amount) for name, amount in sums.items()}
    return {
        **{name: answers.get(name, "") for name in ("name", "category", "field", "partner", "reason")},
        "priority_industry": "" if industry == NO_INDUSTRY else industry,
        "cooperation_started_on": answers.get("cooperation_started_on", ""),
        **{name: answers.get(name, amount) for name, amount in own.items()},
        "students_trained": int(said) if said.isdigit() else application.students_trained,
        "agreement_sha256": answers.get("agreement_sha256", agreement.stored.sha256 if agreement else ""),
    }


class Migration(migrations.Migration):
    dependencies = [("applications", "0003_full_application_form")]
    operations = [migrations.RunPython(carry_over, bring_back)]
