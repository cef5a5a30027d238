"""Students confirm what they received, through a personal link without an account; who did not becomes a task of the unit."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from agreements import months
from agreements.models import MonthlyRecord, Placement, Receipt, StipendLink, Student
from agreements.services.month_rows import WAS_THERE
from agreements.services.standing import living, must_be, side_of
from bases.models import Base
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused

VALID_DAYS = 400


@dataclass(frozen=True)
class Issued:
    """A link with its secret, which is known only now: the database keeps its SHA-256."""

    link: StipendLink
    secret: str


@dataclass(frozen=True)
class Month:
    """One month as its student sees it: the entry that counts, and what they said of it (None: nothing yet)."""

    record: MonthlyRecord
    receipt: Receipt | None

    @property
    def asks(self) -> bool:
        """Whether the student may say something: it is not confirmed, and no denial of theirs waits for an answer."""
        return self.receipt is None or self.receipt.answer == Receipt.Answer.DENIED

    @property
    def may_deny(self) -> bool:
        """Whether they may say that it did not come: not again while the first time waits for an answer."""
        return self.receipt is None or self.receipt.handled_on is not None


def digest(secret: str) -> str:
    """What the database keeps of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def issue(*, base: Base, students: Iterable[int], by: Acting, on: date, at: datetime) -> list[Issued]:
    """Make links for students of a base, each their own; an earlier one of theirs no longer works.

    Raises NotYours for who is of neither side, Refused where none of them was in the base.
    """
    locked = living(base)
    side_of(locked, by)
    there = Placement.objects.filter(base=locked, status__in=WAS_THERE).values("student")
    found = list(Student.objects.filter(pk__in=list(students)).filter(pk__in=there).order_by("number", "pk"))
    if not found or by.user is None:
        raise Refused(_("请先选择要生成链接的研究生。"))
    StipendLink.objects.filter(base=locked, student__in=found, withdrawn_at=None).update(withdrawn_at=at)
    made = []
    for student in found:
        secret = secrets.token_urlsafe(32)
        link = StipendLink(
            base=locked, student=student, secret_hash=digest(secret), issued_by=by.user, issued_on=on,
            expires_on=on + timedelta(days=VALID_DAYS),
        )  # fmt: skip
        made.append(Issued(link, secret))
    StipendLink.objects.bulk_create(each.link for each in made)
    return made


@transaction.atomic
def withdraw(*, link: StipendLink, by: Acting, at: datetime) -> StipendLink:
    """Make a link worthless. Raises Overtaken for one that is already."""
    found = StipendLink.objects.select_for_update(of=("self",)).select_related("base", "student").get(pk=link.pk)
    side_of(found.base, by)
    if found.withdrawn_at is not None:
        raise Overtaken(_("这个链接已经停用，没有改动。"))
    found.withdrawn_at = at
    found.save(update_fields=["withdrawn_at"])
    return found


def find(secret: str, on: date) -> StipendLink | None:
    """The link of a secret, while it works; None for every other secret."""
    found = StipendLink.objects.filter(secret_hash=digest(secret), withdrawn_at=None, expires_on__gte=on)
    return found.select_related("base__training_unit", "base__partner", "student").first()


def months_of(link: StipendLink) -> list[Month]:
    """The months of the link's student in its base for which something is to be paid, newest first."""
    records = MonthlyRecord.objects.filter(
        base=link.base_id, placement__student=link.student_id, is_current=True, state=MonthlyRecord.State.DONE, amount__gt=0
    )  # fmt: skip
    kept = list(records.order_by("-month", "-pk"))
    # Of a corrected entry what was said before does not count, but a denial that waits is the student's still.
    said = Receipt.objects.filter(record__in=kept, is_current=True)
    by_record = {receipt.record_id: receipt for receipt in said}
    return [Month(record, by_record.get(record.pk)) for record in kept]


@transaction.atomic
def answer(
    *, link: StipendLink, record: int, revision: int, received: bool, note: str, on: date, at: datetime
) -> Receipt:
    """The student says of one month that it came, or that it did not, with what they know of it.

    ``revision`` is that of the entry which the page had shown. Raises Overtaken when it was changed since, or answered already,
    Refused for a denial without a word, or for a confirmation of what was not paid.
    """
    found = (
        MonthlyRecord.objects.select_for_update(of=("self",))
        .filter(pk=record, base=link.base_id, placement__student=link.student_id, is_current=True)
        .first()
    )
    if found is None or found.revision != revision or found.amount is None:
        raise Overtaken(_("这个月的登记刚刚有改动，没有记录您的确认。请核对新的金额和日期后再确认。"))
    before = Receipt.objects.filter(record=found, is_current=True).first()
    if before and not Month(found, before).asks:
        raise Overtaken(_("这个月您已经确认收到，没有重复记录。"))
    if before and not received and not Month(found, before).may_deny:
        raise Overtaken(_("您已经反映过这个月没有收到，正在等待学校处理。"))
    if received and found.paid_on is None:
        raise Refused(_("合作单位还没有登记发放，收到之后再确认。"))
    if not received and not note.strip():
        raise Refused(_("请写几句说明，例如没有到账、金额不对。"))
    if before:
        Receipt.objects.filter(pk=before.pk).update(is_current=False)
    return Receipt.objects.create(
        record=found, answer=Receipt.Answer.RECEIVED if received else Receipt.Answer.DENIED, note=note.strip(),
        amount=found.amount, paid_on=found.paid_on, answered_on=on, answered_at=at,
    )  # fmt: skip


@transaction.atomic
def handle(*, receipt: Receipt, handling: str, by: Acting, on: date) -> Receipt:
    """The unit answers a denial; the student and the partner read the answer.

    Raises NotYours for anybody else, Overtaken where it is answered or the student has since received the money.
    """
    found = Receipt.objects.select_for_update(of=("self",)).select_related("record__base").get(pk=receipt.pk)
    must_be(found.record.base, by, "unit")
    if by.user is None:
        raise NotYours(_("这件事由培养单位研究生院办理。"))
    if not found.waits or not found.is_current:
        raise Overtaken(_("这件事已经答复，或者研究生后来确认收到了，没有再登记。"))
    if not handling.strip():
        raise Refused(_("请写明处理的情况。"))
    found.handled_by, found.handled_on, found.handling = by.user, on, handling.strip()
    found.save(update_fields=["handled_by", "handled_on", "handling"])
    return found


def title(receipt: Receipt) -> str:
    """What a denial is about, in a line: whose month."""
    placement = receipt.record.placement
    return _("%(name)s：%(month)s生活补贴") % {
        "name": placement.student.name,
        "month": months.words(receipt.record.month),
    }
