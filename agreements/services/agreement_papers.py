"""The paper of an agreement: its whole text with a page to sign on, as PDF, made once the partner has agreed to the text."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.matters import Matter
from agreements.models import Agreement, AgreementStep, Clause
from agreements.money import plain
from agreements.services.agreements import PDF_JOB, pdf_key
from agreements.services.standing import side_of
from portal import jobs, typesetting, verification
from portal.acting import Acting
from portal.errors import Refused
from portal.models import IssuedRecord, OutboxJob

PDF = "agreement_pdf"
Step = AgreementStep.Kind


def title(agreement: Agreement) -> str:
    """What stands above the text."""
    return _("%(base)s联合培养协议") % {"base": agreement.base.name.removesuffix(_("联合培养基地"))}


@transaction.atomic
def make_pdf(agreement_id: int, revision: int) -> Agreement:
    """Set the agreed text of an agreement; safe to repeat, and nothing is made of a text that has been taken back since."""
    agreement = (
        Agreement.objects.select_for_update(of=("self",), no_key=True)
        .select_related("base__training_unit", "base__partner", "base__category", "scan")
        .get(pk=agreement_id)
    )
    stale = agreement.revision != revision or agreement.agreed_on is None
    if stale or agreement.pdf_id is not None or agreement.agreed_on is None:
        return agreement
    content = typesetting.render_pdf("agreements/documents/agreement.html", typeset(agreement))
    heading = title(agreement)
    agreement.record = verification.open_record(
        kind=_("联合培养协议"), title=heading, issuer=agreement.base.training_unit.name, issued_on=agreement.agreed_on, public=False
    )  # fmt: skip
    agreement.pdf = verification.keep_generated(agreement.record, content, name=f"{heading}.pdf", purpose=PDF)
    agreement.save(update_fields=["record", "pdf"])
    if agreement.status in Agreement.IN_FORCE and agreement.scan is not None:
        verification.keep_scan(agreement.record, agreement.scan)
    if agreement.status in {Agreement.Status.SUPERSEDED, Agreement.Status.TERMINATED}:
        _say_that_it_is_over(agreement, agreement.record)
    return agreement


def _say_that_it_is_over(agreement: Agreement, record: IssuedRecord) -> None:
    """A paper that came so late that its agreement is over already."""
    over = agreement.steps.filter(kind__in=[Step.SUPERSEDED, Step.TERMINATED]).latest("pk")
    verification.withdraw(record, on=over.on, reason=over.note)


def pdf_state(agreement: Agreement) -> str:
    """Where the paper is: ready, none (nothing is made of it), pending, late (still tried) or failed (not tried any more)."""
    if agreement.pdf_id is not None:
        return "ready"
    if agreement.agreed_on is None:
        return "none"
    job = OutboxJob.objects.filter(key=pdf_key(agreement)).first()
    if job is None:
        return "none"
    if job.state == OutboxJob.State.FAILED:
        return "failed"
    return "late" if jobs.is_late(job.created_at) else "pending"


@transaction.atomic
def ask_again(*, agreement: Agreement, by: Acting) -> OutboxJob:
    """Give a paper that failed a new start. Raises NotYours, and Refused where none is to be made."""
    side_of(agreement.base, by)
    if pdf_state(agreement) == "none":
        raise Refused(_("文本还没有经合作单位确认，不生成签署文本。"))
    return jobs.enqueue(PDF_JOB, key=pdf_key(agreement), agreement_id=agreement.pk, revision=agreement.revision)


def typeset(agreement: Agreement) -> dict[str, Any]:
    """What the template shows: parties, the text in numbered parts, the lines to sign on."""
    base = agreement.base
    return {
        "issuer": base.training_unit.name,
        "title": title(agreement),
        "unit": base.training_unit.name,
        "partner": base.partner.name if base.partner else "",
        "agreement": agreement,
        "paragraphs": paragraphs(agreement),
        "signed": False,
    }


_NUMBERS = "一二三四五六七八九十"


def _numbered(position: int) -> str:
    return (_NUMBERS[9] if position > 10 else "") + _NUMBERS[(position - 1) % 10]


def paragraphs(agreement: Agreement) -> list[str]:
    """The text of an agreement, a line a paragraph: what it is for, the nine matters of 第十条, the figures, its term, its copies."""
    clauses = {each.matter: each.text for each in Clause.objects.filter(agreement=agreement)}
    parts: list[tuple[str, list[str]]] = [
        (_("合作目标"), _lines(agreement.goals)),
        (_("管理机构"), [_committee(agreement)]),
        *((str(matter.label), _lines(clauses.get(matter, ""))) for matter in Matter),
        (_("双方约定的数额"), _figures(agreement)),
        (_("期限、变更和终止"), _term(agreement)),
        (_("文本"), [_copies(agreement)]),
    ]
    if agreement.supplement.strip():
        parts.append((_("补充条款"), _lines(agreement.supplement)))
    said = [_preamble(agreement)]
    for position, (heading, lines) in enumerate(parts, start=1):
        said += [_("%(n)s、%(heading)s") % {"n": _numbered(position), "heading": heading}, *lines]
    return said


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _preamble(agreement: Agreement) -> str:
    base = agreement.base
    words = {"base": base.name, "category": base.category.name if base.category else _("专业学位")}
    said = _("甲乙双方为共同建设“%(base)s”，联合培养%(category)s研究生，经协商一致，订立本协议。") % words
    before = agreement.predecessor
    if before is not None and before.signed_on is not None:
        day = {"day": typesetting.chinese_date(before.signed_on)}
        said += _("双方于%(day)s签署的协议，自本协议生效之日起由本协议接替。") % day
    return said


def _committee(agreement: Agreement) -> str:
    words = {"office": agreement.committee_office}
    return (
        _(
            "双方共同组成基地管理委员会，成员由双方的管理人员和导师担任，商定基地建设和培养中的重要事项，每年通报情况。管理委员会办公室设在%(office)s，承担日常管理。"
        )
        % words
    )


def _figures(agreement: Agreement) -> list[str]:
    posts = {"n": agreement.posts_per_year}
    insurer = {"who": _("甲方") if agreement.insurance_by == Agreement.Insurer.UNIT else _("乙方")}
    said = [
        _("（一）岗位。乙方每年提供不少于%(n)s个岗位，由甲方从研究生中遴选人选，双方确认后进入基地。") % posts,
        _("（二）生活补贴。%(floors)s") % {"floors": _floors(agreement)},
        _("（三）意外伤害保险。由%(who)s为进入基地的研究生购买。") % insurer,
        _("（四）乙方人员报酬。甲方对聘任的乙方人员付给报酬：%(standard)s")
        % {"standard": _stopped(agreement.pay_standard)},
    ]
    if agreement.pay_way.strip():
        said[-1] += _("支付方式：%(way)s") % {"way": _stopped(agreement.pay_way)}
    return said


def _stopped(text: str) -> str:
    return text.strip().rstrip("。.") + _("。")


def _floors(agreement: Agreement) -> str:
    named = [
        (_("硕士研究生"), agreement.stipend_floor_master),
        (_("博士研究生"), agreement.stipend_floor_doctor),
    ]
    said = [
        _("%(who)s不低于每人每月%(yuan)s元") % {"who": who, "yuan": plain(floor, grouped=True)}
        for who, floor in named
        if floor is not None
    ]
    if not said:
        return _("标准由乙方根据每月考核结果确定，本协议不约定下限。")
    return _("乙方每月考核后发放，%(floors)s。") % {"floors": _("，").join(said)}


def _term(agreement: Agreement) -> list[str]:
    return [
        _(
            "（一）生效和期限。本协议自双方签字盖章之日起生效，双方另行约定生效日期的从其约定；有效期%(n)s年。期满愿意继续合作的，另行签订协议。"
        )
        % {"n": agreement.term_years},
        _(
            "（二）终止。任何一方不得以基地名义从事与联合培养无关的商业活动。一方违反国家法律、侵害国家利益或者损害对方权益的，对方可以终止本协议。"
        ),
        _("（三）不可抗力和争议。因不可抗力不能履行的，由双方协商变更或者终止。争议由双方协商解决。"),
        _("（四）研究生的安排。协议终止时仍在基地的研究生，由双方商定后续安排，不影响其完成学业。"),
    ]


def _copies(agreement: Agreement) -> str:
    words = {"total": agreement.copies_total, "each": agreement.copies_each}
    return _("本协议一式%(total)s份，双方各执%(each)s份，具有同等效力。") % words
