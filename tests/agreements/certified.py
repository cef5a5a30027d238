"""A base with practices that are over: one with its certificate, one that waits for it; and a mentor who was paid."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from agreements.models import Appointment, Placement, PracticeCertificate, RemunerationPayment
from agreements.services import certificates, remuneration
from agreements.services.certificates import Written
from bases.models import Base
from portal.models import StoredFile, User
from tests.agreements import mentoring
from tests.agreements import months as monthly
from tests.factories import World, pdf_upload

OPINION = Written(grade="good", work="参与设备监测。", comment="工作认真，按期完成任务。")
OF_A_BASE = (
    "base-certificates",
    "certificate-write",
    "certificate-issue",
    "base-remuneration",
    "remuneration-excel",
    "remuneration-new",
)
OF_A_CERTIFICATE = ("certificate", "certificate-state", "certificate-again", "certificate-withdraw")


def over(base: Base, on: date, name: str = "", starts_on: date | None = None) -> Placement:
    """A practice that is over since yesterday, after eight months unless it began on another day."""
    ends_on = on - timedelta(days=1)
    began = starts_on or ends_on - timedelta(days=240)
    return monthly.place(base, name, starts_on=began, ends_on=ends_on, status="ended", ending="completed")


def certified(world: World, base: Base, on: date) -> PracticeCertificate:
    """One with its certificate, which the partner has issued."""
    who, by = over(base, on), world.partner_officer
    kept = certificates.write(base=base, written={who.pk: OPINION}, by=by, on=on)
    return certificates.issue(base=base, certificates=[each.pk for each in kept], by=by, on=on)[0]


def paid(world: World, base: Base, term: Appointment, on: date) -> RemunerationPayment:
    """What the unit paid to a mentor for a day of the appointment."""
    return remuneration.pay(
        base=base, mentor=term.mentor, from_on=on, to_on=on, amount=Decimal("300.00"), paid_on=on, voucher=pdf_upload("回单.pdf"),
        by=world.unit_officer, on=on,
    )  # fmt: skip


def forged_payment(term: Appointment, user: User, file: StoredFile, on: date) -> RemunerationPayment:
    """A payment with this file as its voucher, written straight into the table."""
    return RemunerationPayment.objects.create(
        appointment=term, from_on=on, to_on=on, amount=5, paid_on=on, voucher=file, entered_by=user, entered_on=on
    )


def forged(
    rows: dict[str, Any], user: User, file: StoredFile, on: date
) -> tuple[PracticeCertificate, RemunerationPayment]:
    """The same written straight into the tables, for a base that no service would let have any; ``rows`` are those of ``one_of_each``."""
    term = rows["industry_appointment"]
    who = mentoring.guided(term.base, rows["industry"], rows["mentor"], on, status="ended")
    certificate = PracticeCertificate.objects.create(
        base=term.base, placement=who, starts_on=who.starts_on, ends_on=who.ends_on, post="岗位", prepared_by=user, prepared_on=on,
        campus_mentor="甲", industry_mentor="乙",
    )  # fmt: skip
    return certificate, forged_payment(term, user, file, on)


def addresses(base: Base, certificate: PracticeCertificate, payment: RemunerationPayment) -> dict[str, list[Any]]:
    """What the addresses of these pages take."""
    return {name: [base.pk] for name in OF_A_BASE} | {
        **{name: [certificate.pk] for name in OF_A_CERTIFICATE},
        "remuneration-reverse": [payment.pk],
    }
