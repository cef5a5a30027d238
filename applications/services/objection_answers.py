"""The written answer to an objection (异议处理答复): proposed, edited by the office, set as a PDF by the worker."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from applications.models import Objection
from applications.services.objections import open_for, refuse_naming
from bases.lifecycle import State
from bases.models import Department
from portal import jobs, typesetting, verification
from portal.acting import Acting
from portal.errors import Overtaken, Refused
from portal.typesetting import chinese_date

ANSWER, ANSWER_JOB = "objection_answer", "objection_answer"
Status = Objection.Status


def proposed_answer(objection: Objection) -> str:
    """What the letter says unless the office changes it: what was objected to, the conclusion, where to turn to. It names nobody."""
    words = {
        "day": chinese_date(objection.filed_on),
        "notice": objection.notice.title,
        "base": objection.base.name,
        "number": objection.number,
    }
    received = _("您于%(day)s对《%(notice)s》所列“%(base)s”提出的异议（%(number)s）收悉。") % words
    if objection.status == Status.DECLINED:
        decided = [_("经审查，该异议%(ground)s，决定不予受理。理由如下：") % {"ground": _declined(objection)}]
        lines = [received + decided[0], *objection.conclusion.splitlines()]
    else:
        lines = [received + _("经调查核实，现答复如下："), *objection.conclusion.splitlines(), _outcome(objection)]
        lines += objection.remedy.splitlines()
    office = {"office": objection.notice.supervision_office, "contact": objection.notice.contact}
    lines.append(_("如对本答复有不同意见，可以向监督部门反映：%(office)s，%(contact)s。") % office)
    return "\n".join(line for line in lines if line.strip())


def _declined(objection: Objection) -> str:
    return {
        Objection.DeclineGround.LATE: _("在公示期满后提出"),
        Objection.DeclineGround.UNTRUE: _("没有写明真实身份"),
        Objection.DeclineGround.GROUNDLESS: _("没有提供事实依据"),
        Objection.DeclineGround.FOREIGN: _("不属于本次公示的事项"),
    }[Objection.DeclineGround(objection.decline_ground)]


def _outcome(objection: Objection) -> str:
    if objection.status == Status.DISMISSED:
        return _("综上，异议不成立。")
    if objection.status == Status.PARTLY_UPHELD:
        return _("综上，异议部分成立，将采取以下措施：")
    done = {State.NOT_RECOMMENDED: _("不予推荐"), State.NOT_RECOGNISED: _("不予认定")}.get(State(objection.base.state))
    return _("综上，异议成立，已对该基地作%(done)s处理。") % {"done": done} if done else _("综上，异议成立。")


@transaction.atomic
def answer(*, objection: Objection, text: str, by: Acting, on: date) -> Objection:
    """Answer a declined or concluded objection in writing, once; the letter is set by the worker."""
    locked = open_for(objection, by, Status.DECLINED, *Objection.OUTCOMES)
    if locked.answered_on is not None:
        raise Overtaken(_("这件异议已于 %(day)s 书面答复。") % {"day": locked.answered_on.isoformat()})
    if not text.strip():
        raise Refused(_("请写明答复的内容。"))
    refuse_naming(locked, text)
    locked.answer_text, locked.answered_on, locked.answered_by = text.strip(), on, by.user
    locked.save(update_fields=["answer_text", "answered_on", "answered_by"])
    jobs.enqueue(ANSWER_JOB, key=f"{ANSWER_JOB}:{locked.pk}", objection_id=locked.pk)
    return locked


@transaction.atomic
def make_answer(objection_id: int) -> Objection:
    """Set an answer as a PDF in the form of GB/T 9704; safe to repeat, the file is made once. It is addressed to nobody by name."""
    found = Objection.objects.select_for_update(of=("self",)).select_related("notice__issuer_unit").get(pk=objection_id)
    if found.answer_id is not None or found.answered_on is None:
        return found
    issuer = str(found.notice.issuer_unit or Department.objects.first() or "")
    title = _("关于研究生联合培养基地公示异议的答复")
    unit = found.kind == Objection.Kind.UNIT
    content = typesetting.render_pdf(
        "portal/documents/official.html",
        {
            "issuer": issuer,
            "number": found.number,
            "title": title,
            "addressee": _("提出异议的单位") if unit else _("提出异议的同志"),
            "paragraphs": [line for line in found.answer_text.splitlines() if line.strip()],
            "attachments": [],
            "signatory": issuer,
            "document_date": found.answered_on,
            "signed": False,
        },
    )
    record = verification.open_record(
        kind=_("异议处理答复"),
        title=title,
        issuer=issuer,
        issued_on=found.answered_on,
        number=found.number,
        public=False,
    )
    found.answer = verification.keep_generated(record, content, name=f"{title}（{found.number}）.pdf", purpose=ANSWER)
    found.save(update_fields=["answer"])
    return found
