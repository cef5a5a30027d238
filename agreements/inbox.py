"""What waits for both sides and the department around the agreements: a constant number of queries each."""

from collections.abc import Iterable, Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.coverage import Coverage
from agreements.models import Agreement, AgreementRevision
from agreements.queries import coverages, training_bases, visible_agreements, visible_revisions
from bases.lifecycle import LIVING
from bases.models import Base
from portal.acting import Acting
from portal.inbox import Item
from portal.roles import Role

Status = Agreement.Status


def source(acting: Acting, on: date) -> Iterator[Item]:
    """What the agreements of one's bases wait for (第十条), and those that end or have lapsed."""
    if acting.role not in {Role.UNIT_OFFICER, Role.PARTNER_OFFICER, Role.DEPT_OFFICER}:
        return
    tasks = list(visible_revisions(acting).filter(done_on=None, base__state__in=LIVING))
    bases = list(training_bases(acting).filter(state__in=LIVING).select_related("policy", "training_unit", "partner"))
    reach = coverages(bases, on)
    if acting.role == Role.DEPT_OFFICER:
        yield from _late(tasks, on)
        yield from (_lapsed(base, reach[base.pk]) for base in bases if reach[base.pk].has_lapsed)
        return
    agreements = list(visible_agreements(acting).filter(base__state__in=LIVING))
    under_way = {each.base_id: each for each in agreements if each.is_in_progress}
    steps = _for_the_unit(tasks, under_way) if acting.role == Role.UNIT_OFFICER else _for_the_partner(under_way, tasks)
    yield from steps
    yield from _ended(agreements, acting)
    asked = {task.base_id for task in tasks}
    for base in bases:
        if base.pk not in under_way and base.pk not in asked and reach[base.pk].is_due(_longest_notice(base)):
            yield _renewal(base, reach[base.pk], acting)


def _longest_notice(base: Base) -> int:
    return max(base.policy.reminder_days, default=0) if base.policy else 0


def _page(base_id: int) -> str:
    return reverse("base-agreements", args=[base_id])


def _of(agreement: Agreement) -> str:
    return reverse("agreement", args=[agreement.base_id, agreement.version])


def _for_the_unit(tasks: Iterable[AgreementRevision], under_way: dict[int, Agreement]) -> Iterator[Item]:
    due = {task.base_id: task for task in tasks}
    for base_id, agreement in under_way.items():
        last = due[base_id].due_on if base_id in due else None
        if agreement.status == Status.DRAFTING:
            returned = _("合作单位退回文本：%(reason)s") % {"reason": agreement.returned_reason}
            why = returned if agreement.returned_reason else _("协议正在起草，九项内容齐全后送合作单位确认文本。")
            url = reverse("agreement-edit", args=[base_id, agreement.version])
            yield Item(_("协议"), agreement.base.name, why, "10", url, _("继续起草"), last, _page(base_id))
        elif agreement.status == Status.AGREED:
            returned = _("合作单位退回签署件：%(reason)s") % {"reason": agreement.returned_reason}
            why = returned if agreement.returned_reason else _("文本双方已经确认，请签字盖章后上传签署件。")
            yield Item(_("协议"), agreement.base.name, why, "10", _of(agreement), _("上传签署件"), last, _page(base_id))
    for task in due.values():
        if task.base_id not in under_way:
            why = _("基地已认定，请会同合作单位按第十条修订联合培养协议并提交。")
            page = reverse("base", args=[task.base_id])
            yield Item(_("协议"), task.base.name, why, "10", _page(task.base_id), _("修订协议"), task.due_on, page)


def _for_the_partner(under_way: dict[int, Agreement], tasks: Iterable[AgreementRevision]) -> Iterator[Item]:
    due = {task.base_id: task.due_on for task in tasks}
    for base_id, agreement in under_way.items():
        if agreement.status == Status.PROPOSED:
            why, button = _("培养单位送来协议文本，请看过后同意或者退回。"), _("答复文本")
        elif agreement.status == Status.SIGNED:
            why, button = _("培养单位提交了双方签署的协议，请打开核对后确认或者退回。"), _("核对签署件")
        else:
            continue
        yield Item(_("协议"), agreement.base.name, why, "10", _of(agreement), button, due.get(base_id), _page(base_id))


def _ended(agreements: Iterable[Agreement], acting: Acting) -> Iterator[Item]:
    """Terminations that the other side has recorded and this one has not read of."""
    own = Agreement.Side.UNIT if acting.role == Role.UNIT_OFFICER else Agreement.Side.PARTNER
    for agreement in agreements:
        if agreement.status == Status.TERMINATED and agreement.ending_read_on is None and agreement.ended_side != own:
            words = {"who": agreement.get_ended_side_display(), "why": agreement.get_ending_display()}
            why = _("%(who)s登记终止协议：%(why)s。请看过后确认知悉。") % words
            yield Item(
                _("协议"), agreement.base.name, why, "10", _of(agreement), _("查看并确认知悉"), page=_page(agreement.base_id), pressing=True
            )  # fmt: skip


def _renewal(base: Base, reach: Coverage, acting: Acting) -> Item:
    """The unit renews, the partner is informed of it; without an agreement neither can wait."""
    unit = acting.role == Role.UNIT_OFFICER
    if reach.until is None:
        words = {"day": reach.lapsed_on.isoformat() if reach.lapsed_on else ""}
        why = (
            _("协议已于 %(day)s 到期或终止，双方没有生效的协议，请尽快续签。")
            if unit
            else _("协议已于 %(day)s 到期或终止，双方没有生效的协议，请与培养单位商定续签。")
        )
        return Item(
            _("协议"), base.name, why % words, "10", _page(base.pk), _("续签协议") if unit else _("查看协议"), reach.lapsed_on, pressing=True
        )  # fmt: skip
    words = {
        "day": reach.until.isoformat(),
        "end": reach.construction_until.isoformat() if reach.construction_until else "",
    }
    if reach.covers_construction:
        why = _("协议有效至 %(day)s，请及早续签。") if unit else _("协议有效至 %(day)s，请与培养单位商定是否续签。")
    else:
        why = (
            _("协议有效至 %(day)s，早于建设期截止 %(end)s，请续签。")
            if unit
            else _("协议有效至 %(day)s，早于建设期截止 %(end)s，请与培养单位商定续签。")
        )
    return Item(
        _("协议"), base.name, why % words, "10", _page(base.pk), _("续签协议") if unit else _("查看协议"), reach.until
    )


def _late(tasks: Iterable[AgreementRevision], on: date) -> Iterator[Item]:
    late = [task for task in tasks if task.is_late(on)]
    found = Agreement.objects.filter(
        base__in=[task.base_id for task in late], status__in=[Status.PROPOSED, Status.SIGNED]
    )
    with_the_partner = set(found.values_list("base", flat=True)) if late else set()
    for task in late:
        who = task.base.partner if task.base_id in with_the_partner else task.base.training_unit
        why = _("修订协议逾期，等待%(who)s办理，请督促。") % {"who": who}
        page = reverse("base", args=[task.base_id]) + "#agreement-revision"
        yield Item(_("协议"), task.base.name, why, "10", page, _("查看"), task.due_on)


def _lapsed(base: Base, reach: Coverage) -> Item:
    words = {"day": reach.lapsed_on.isoformat() if reach.lapsed_on else "", "unit": base.training_unit}
    why = _("协议已于 %(day)s 到期或终止，没有续签，请督促%(unit)s办理。") % words
    return Item(_("协议"), base.name, why, "10", _page(base.pk), _("查看协议"), reach.lapsed_on)
