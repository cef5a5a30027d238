"""What each side can do to an agreement in which state: label, consequence, form and service."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agreements import forms
from agreements.models import Agreement
from agreements.services import agreement_signing as signing
from agreements.services import agreements as texts
from agreements.services.standing import side_of
from bases.lifecycle import LIVING
from portal.acting import Acting
from portal.errors import NotYours

Status, Side = Agreement.Status, Agreement.Side


@dataclass(frozen=True)
class AgreementAct:
    """One act; ``after_the_base`` is also open when the base's own life is over."""

    label: str | Promise
    sides: frozenset[str]
    states: frozenset[str]
    consequence: str | Promise
    told: str | Promise
    form: type[forms.AgreementActForm]
    perform: Callable[..., Any]
    done: str | Promise
    danger: bool = False
    after_the_base: bool = False


_UNIT, _PARTNER = frozenset({Side.UNIT.value}), frozenset({Side.PARTNER.value})
_TO_THE_PARTNER, _TO_THE_UNIT = _("合作单位"), _("培养单位")

ACTS: dict[str, AgreementAct] = {
    "propose": AgreementAct(
        _("送合作单位确认文本"), _UNIT, frozenset({Status.DRAFTING}),
        _("文本送合作单位确认，答复之前不能修改；需要改动的可以收回。"),
        _TO_THE_PARTNER, forms.ReadTextForm, texts.propose, _("文本已送合作单位，等待对方同意或者退回。"),
    ),
    "sign": AgreementAct(
        _("上传签署件"), _UNIT, frozenset({Status.AGREED, Status.SIGNED}),
        _("上传双方签字盖章的协议，由合作单位核对；核对之前可以重新上传，核对之后协议生效，不再改动。"),
        _TO_THE_PARTNER, forms.SignedForm, signing.sign, _("签署件已提交，等待合作单位核对。"),
    ),
    "agree": AgreementAct(
        _("同意文本"), _PARTNER, frozenset({Status.PROPOSED}),
        _("文本就此确定，系统生成供双方签署的协议；签署之前培养单位可以收回修改，再次送您确认。"),
        _TO_THE_UNIT, forms.ReadTextForm, texts.agree, _("已同意文本。签署文本正在生成，下一步由双方签字盖章。"),
    ),
    "confirm": AgreementAct(
        _("确认签署件，协议生效"), _PARTNER, frozenset({Status.SIGNED}),
        _("确认所提交的就是双方签署的协议。协议自生效日期起约束双方，现行协议由它接替，文本和日期不再改动。请先打开签署件看过。"),
        _TO_THE_UNIT, forms.SeenScanForm, signing.confirm, _("已确认，协议生效。"),
    ),
    "return": AgreementAct(
        _("退回文本"), _PARTNER, frozenset({Status.PROPOSED}),
        _("文本退回培养单位修改后再送，退回原因对方可以看到。"),
        _TO_THE_UNIT, forms.ReturnTextForm, texts.return_text, _("已退回培养单位，原因已告知对方。"),
    ),
    "return-scan": AgreementAct(
        _("退回签署件"), _PARTNER, frozenset({Status.SIGNED}),
        _("签署件退回培养单位重新提交，退回原因对方可以看到；文本不变。"),
        _TO_THE_UNIT, forms.ReturnScanForm, signing.return_scan, _("已退回培养单位，原因已告知对方。"),
    ),
    "take-back": AgreementAct(
        _("收回修改"), _UNIT, frozenset({Status.PROPOSED, Status.AGREED}),
        _("文本回到起草状态，改好后重新送合作单位确认；已生成的签署文本作废，核验时显示已撤回。"),
        _TO_THE_PARTNER, forms.ReasonForm, texts.take_back, _("已收回，可以修改文本。"), danger=True,
    ),
    "discard": AgreementAct(
        _("作废草稿"), _UNIT, frozenset({Status.DRAFTING}),
        _("这份草稿不再办理，内容保留可查，编号不再使用；需要时另行起草。不能恢复。"),
        "", forms.AgreementActForm, texts.discard, _("草稿已作废。"), danger=True,
    ),
    "terminate": AgreementAct(
        _("登记终止"), frozenset({Side.UNIT.value, Side.PARTNER.value}), frozenset({Status.EFFECTIVE}),
        _("协议到所填的最后有效日为止，不能恢复；继续合作须另行签订。在基地的研究生由双方商定后续安排。核验时显示已终止。"),
        _("对方和教育厅"), forms.TerminateForm, signing.terminate, _("已登记终止，对方在待办中看到。"), danger=True, after_the_base=True,
    ),
    "read-ending": AgreementAct(
        _("确认知悉终止"), frozenset({Side.UNIT.value, Side.PARTNER.value}), frozenset({Status.TERMINATED}),
        _("只表示已经看到对方登记的终止和原因，不表示同意对方的说法；有异议的请与对方协商。"),
        _("对方"), forms.AgreementActForm, signing.read_ending, _("已确认知悉。"), after_the_base=True,
    ),
}  # fmt: skip


def open_acts(agreement: Agreement, acting: Acting) -> list[tuple[str, AgreementAct]]:
    """The acts that this person can carry out on an agreement now."""
    try:
        side = side_of(agreement.base, acting)
    except NotYours:
        return []
    found = [
        (name, act)
        for name, act in ACTS.items()
        if side in act.sides
        and agreement.status in act.states
        and (agreement.base.state in LIVING or act.after_the_base)
    ]
    read = agreement.ending_read_on is not None or agreement.ended_side == side
    return [(name, act) for name, act in found if not (name == "read-ending" and read)]
