"""专业实践鉴定 (协议：权责划分（二）5): the partner writes it once a practice is over, for one student or for many, and issues it under a number.

It may be done in any state of the base: a certificate is owed after the end of the cooperation too.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from agreements.models import MonthlyRecord, Placement, PracticeCertificate
from agreements.services.accounts import yuan
from agreements.services.placements import locked, refuse_unless
from agreements.services.standing import must_be
from bases.models import Base
from bases.services import lifecycle
from portal import jobs, typesetting, verification
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from portal.masking import masked_name
from portal.models import OutboxJob
from portal.typesetting import chinese_date

JOB = PURPOSE = "practice_certificate"
Status, Grade, Reward = PracticeCertificate.Status, PracticeCertificate.Grade, PracticeCertificate.Reward
# 惯例: within so many days after the last day of a practice its certificate is issued; the agreement names no time.
DUE_DAYS = 30
# 惯例: how large a share of the appraised months must be 优秀 for a proposal of 优秀 and of 良好.
EXCELLENT_SHARE, GOOD_SHARE = Decimal(2) / 3, Decimal(1) / 3


def due_on(placement: Placement) -> date:
    """The day by which the certificate of an ended placement is expected."""
    return placement.ends_on + timedelta(days=DUE_DAYS)


@dataclass(frozen=True)
class Figures:
    """What the monthly appraisals say of one practice: months by grade, days of practice, and how many months it lasted."""

    excellent: int = 0
    qualified: int = 0
    failed: int = 0
    days: int = 0
    lasted: int = 0

    @property
    def appraised(self) -> int:
        """In how many months it was appraised."""
        return self.excellent + self.qualified + self.failed

    @property
    def proposal(self) -> str:
        """The grade that follows (惯例); empty where no month was appraised.

        Failed in half of the months or more: 不合格. Failed in any: 合格. Otherwise by the share of excellent months.
        """
        if not self.appraised:
            return ""
        if 2 * self.failed >= self.appraised:
            return Grade.FAILED
        share = Decimal(self.excellent) / self.appraised
        if self.failed or share < GOOD_SHARE:
            return Grade.QUALIFIED
        return Grade.EXCELLENT if share >= EXCELLENT_SHARE else Grade.GOOD

    @property
    def words(self) -> str:
        """The figures and what they propose, in a line."""
        if not self.appraised:
            return _("没有月度考核记录，请按实际情况评定")
        words = {
            "appraised": self.appraised, "lasted": self.lasted, "excellent": self.excellent, "qualified": self.qualified,
            "failed": self.failed, "days": self.days, "grade": Grade(self.proposal).label,
        }  # fmt: skip
        return (
            _(
                "实践 %(lasted)s 个月，考核 %(appraised)s 个月：优秀 %(excellent)s、合格 %(qualified)s、不合格 %(failed)s，共 %(days)s 天；建议“%(grade)s”"
            )
            % words
        )


def figures_of(placements: Sequence[Placement]) -> dict[int, Figures]:
    """What the appraisals say of each placement, by its key; one query."""
    counted = (
        MonthlyRecord.objects.filter(placement__in=[each.pk for each in placements], is_current=True, state="done")
        .values("placement").order_by()
        .annotate(
            excellent=Count("pk", filter=Q(grade="excellent")), qualified=Count("pk", filter=Q(grade="qualified")),
            failed=Count("pk", filter=Q(grade="failed")), sum=Sum("days"),
        )
    )  # fmt: skip
    by_placement = {row["placement"]: row for row in counted}
    found = {}
    for each in placements:
        row = by_placement.get(each.pk)
        lasted = (each.ends_on.year - each.starts_on.year) * 12 + each.ends_on.month - each.starts_on.month + 1
        counts = {name: row[name] for name in ("excellent", "qualified", "failed")} if row else {}
        found[each.pk] = Figures(**counts, days=(row["sum"] or 0) if row else 0, lasted=lasted)
    return found


@dataclass(frozen=True)
class Written:
    """What the partner writes of one student; ``grade`` and ``reward`` are values of the model's choices, ``reward_amount`` yuan."""

    grade: str = ""
    work: str = ""
    comment: str = ""
    reward: str = ""
    reward_amount: Decimal | None = None
    reward_text: str = ""

    @property
    def lacks(self) -> list[str]:
        """What is missing before it can be issued, in words of the screen."""
        missing = ((self.grade, _("鉴定等级")), (self.work, _("实践内容")), (self.comment, _("鉴定意见")))
        return [label for value, label in missing if not value.strip()]


def _check_reward(written: Written, who: Any) -> None:
    if written.reward == Reward.MONEY and not written.reward_amount:
        raise Refused(_("%(who)s：奖励是奖金的，请填写金额。") % {"who": who})
    if written.reward and written.reward != Reward.MONEY and not written.reward_text.strip():
        raise Refused(_("%(who)s：请写明奖励的内容。") % {"who": who})


@transaction.atomic
def write(*, base: Base, written: Mapping[int, Written], by: Acting, on: date) -> list[PracticeCertificate]:
    """Prepare the certificates of ended placements, by the key of each; what was prepared before is written anew.

    What the monthly appraisals say on that day is kept beside it. Raises NotYours for anybody but the partner, Overtaken for a placement
    that has not ended or has its certificate already, Refused for a reward that does not say what it is.
    """
    here = lifecycle.lock(base.pk)
    must_be(here, by, "partner")
    if by.user is None:
        raise NotYours(_("这件事由合作单位办理。"))
    chosen = locked(here, written)
    refuse_unless(chosen, Placement.Status.ENDED)
    before: dict[int, PracticeCertificate] = {}
    for each in PracticeCertificate.objects.select_for_update().filter(placement__in=chosen).order_by("pk"):
        before[each.placement_id] = each
    _refuse_issued(chosen, before)
    counted = figures_of(chosen)
    kept = []
    for placement in chosen:
        said = written[placement.pk]
        _check_reward(said, placement.student)
        last = before.get(placement.pk)
        row = last if last is not None and last.status == Status.PREPARED else None
        if row is None:
            row = PracticeCertificate(base=here, placement=placement, replaces=last)
        _fill(row, placement, said, counted[placement.pk])
        row.prepared_by, row.prepared_on = by.user, on
        row.save()
        kept.append(row)
    return kept


def _refuse_issued(chosen: Sequence[Placement], before: Mapping[int, PracticeCertificate]) -> None:
    issued = [each for each in chosen if each.pk in before and before[each.pk].status == Status.ISSUED]
    if issued:
        names = "、".join(str(each.student) for each in issued)
        raise Overtaken(_("没有办理：%(names)s的鉴定已经签发。需要更正的，先撤回再重新签发。") % {"names": names})


def _fill(row: PracticeCertificate, placement: Placement, said: Written, counted: Figures) -> None:
    row.starts_on, row.ends_on = placement.starts_on, placement.ends_on
    row.post, row.project = placement.post.title, placement.project.name if placement.project else ""
    row.campus_mentor, row.industry_mentor = str(placement.campus_mentor or ""), str(placement.industry_mentor or "")
    row.grade, row.proposed = said.grade, counted.proposal
    row.work, row.comment = said.work.strip(), said.comment.strip()
    row.reward, row.reward_text = said.reward, said.reward_text.strip() if said.reward else ""
    row.reward_amount = said.reward_amount if said.reward == Reward.MONEY else None
    row.months_excellent, row.months_qualified, row.months_failed, row.days = (
        counted.excellent, counted.qualified, counted.failed, counted.days,
    )  # fmt: skip


@transaction.atomic
def issue(*, base: Base, certificates: Iterable[int], by: Acting, on: date) -> list[PracticeCertificate]:
    """Issue prepared certificates of a base, each under its own number; from now on they stand as they are, the papers are set by the worker.

    Raises NotYours for anybody but the partner, Refused for one that is not complete, Overtaken for one that is issued already.
    """
    here = lifecycle.lock(base.pk)
    must_be(here, by, "partner")
    wanted = sorted(set(certificates))
    chosen = list(
        PracticeCertificate.objects.select_for_update(of=("self",))
        .filter(base=here, pk__in=wanted)
        .select_related("placement__student")
        .order_by("placement__student__number", "pk")
    )
    if not chosen or len(chosen) != len(wanted):
        raise Refused(_("没有选择已填写的鉴定，没有签发。请在列表中勾选。"))
    _refuse_unready(chosen)
    number = PracticeCertificate.objects.filter(base=here, issued_on__year=on.year).count()
    for row in chosen:
        number += 1
        row.number = _("鉴〔%(year)s〕%(base)03d-%(n)03d号") % {"year": on.year, "base": here.pk, "n": number}
        row.status, row.issued_by, row.issued_on = Status.ISSUED, by.user, on
        row.save(update_fields=["number", "status", "issued_by", "issued_on"])
        jobs.enqueue(JOB, key=_key(row), certificate_id=row.pk)
    return chosen


def _refuse_unready(chosen: Sequence[PracticeCertificate]) -> None:
    over = [each for each in chosen if each.status != Status.PREPARED]
    if over:
        names = "、".join(each.placement.student.name for each in over)
        raise Overtaken(_("没有办理：%(names)s的鉴定已经签发或者撤回。请刷新后再看。") % {"names": names})
    lacking = [(each.placement.student.name, lacks) for each in chosen if (lacks := written_of(each).lacks)]
    if lacking:
        said = [
            _("%(name)s：还没有填写%(what)s。") % {"name": name, "what": "、".join(lacks)} for name, lacks in lacking
        ]
        raise Refused(said)


def written_of(row: PracticeCertificate) -> Written:
    """What is written in a certificate."""
    return Written(row.grade, row.work, row.comment, row.reward, row.reward_amount, row.reward_text)


@transaction.atomic
def withdraw(*, certificate: PracticeCertificate, by: Acting, on: date, reason: str) -> PracticeCertificate:
    """Say of an issued certificate that it no longer stands, with the reason, which everybody reads who verifies it; a new one may be written.

    Raises NotYours for anybody but the partner, Overtaken for one that does not stand, Refused without a reason.
    """
    here = lifecycle.lock(certificate.base_id)
    must_be(here, by, "partner")
    found = PracticeCertificate.objects.select_for_update(of=("self",)).select_related("record").get(pk=certificate.pk)
    if found.status != Status.ISSUED:
        raise Overtaken(_("这份鉴定当前为“%(status)s”，没有撤回。") % {"status": found.get_status_display()})
    if not reason.strip():
        raise Refused(_("请写明撤回的原因。"))
    found.status, found.withdrawn_by, found.withdrawn_on = Status.WITHDRAWN, by.user, on
    found.withdrawn_reason = reason.strip()
    found.save(update_fields=["status", "withdrawn_by", "withdrawn_on", "withdrawn_reason"])
    if found.record is not None:
        verification.withdraw(found.record, on=on, reason=found.withdrawn_reason)
    return found


def _key(row: PracticeCertificate) -> str:
    return f"{JOB}:{row.pk}"


def states(rows: Sequence[PracticeCertificate]) -> dict[int, str]:
    """Where the papers are, by key: ready, none (none is to be made), pending, late (still tried) or failed (not tried any more); one query."""
    keys = {_key(each): each.pk for each in rows if each.pdf_id is None}
    found = {each.pk: "ready" if each.pdf_id is not None else "none" for each in rows}
    for job in OutboxJob.objects.filter(key__in=keys):
        if job.state == OutboxJob.State.FAILED:
            found[keys[job.key]] = "failed"
        elif job.state == OutboxJob.State.PENDING:
            found[keys[job.key]] = "late" if jobs.is_late(job.created_at) else "pending"
    return found


@transaction.atomic
def ask_again(*, certificate: PracticeCertificate) -> OutboxJob:
    """Give a paper that failed a new start. Raises Overtaken where there is one, or none is to be made."""
    if certificate.pdf_id is not None or certificate.status != Status.ISSUED:
        raise Overtaken(_("鉴定书已经生成，或者鉴定已撤回。请刷新后再看。"))
    return jobs.enqueue(JOB, key=_key(certificate), certificate_id=certificate.pk)


@transaction.atomic
def make_pdf(certificate_id: int) -> PracticeCertificate:
    """Set the paper of a certificate; safe to repeat, it is made once, and not for one that was withdrawn before."""
    row = (
        PracticeCertificate.objects.select_for_update(of=("self",))
        .select_related("base__training_unit", "base__partner", "placement__student__category", "replaces")
        .get(pk=certificate_id)
    )
    if row.pdf_id is not None or row.status != Status.ISSUED or row.issued_on is None:
        return row
    student, issuer = row.placement.student, str(row.base.partner or "")
    content = typesetting.render_pdf("agreements/documents/certificate.html", _typeset(row, issuer))
    row.record = verification.open_record(
        kind=_("专业实践鉴定"), title=_("%(name)s的专业实践鉴定") % {"name": masked_name(student.name)}, issuer=issuer,
        issued_on=row.issued_on, number=row.number,
    )  # fmt: skip
    name = _("%(name)s专业实践鉴定（%(number)s）.pdf") % {"name": student.name, "number": row.number}
    row.pdf = verification.keep_generated(row.record, content, name=name, purpose=PURPOSE)
    row.save(update_fields=["record", "pdf"])
    return row


def reward_words(row: PracticeCertificate) -> str:
    """The reward in a line: its kind, the amount, what it is; empty without one."""
    if not row.reward:
        return ""
    amount = yuan(row.reward_amount) if row.reward_amount is not None else ""
    return "：".join(filter(None, (str(row.get_reward_display()), "，".join(filter(None, (amount, row.reward_text))))))


def _typeset(row: PracticeCertificate, issuer: str) -> dict[str, Any]:
    """What the template of the paper shows."""
    counts = {
        "excellent": row.months_excellent,
        "qualified": row.months_qualified,
        "failed": row.months_failed,
        "n": row.months,
    }
    words = _("考核 %(n)s 个月：优秀 %(excellent)s、合格 %(qualified)s、不合格 %(failed)s")
    return {
        "title": _("研究生专业实践鉴定书"),
        "issuer": issuer,
        "signatory": issuer,
        "document_date": row.issued_on,
        "signed": False,
        "row": row,
        "student": row.placement.student,
        "base": row.base,
        "period": _("%(from)s至%(to)s") % {"from": chinese_date(row.starts_on), "to": chinese_date(row.ends_on)},
        "ending": row.placement.get_ending_display(),
        "figures": words % counts if row.months else _("没有月度考核记录"),
        "reward": reward_words(row),
    }
