"""What a meeting says of each item: who may vote, the votes, the conclusion (第八条（三）（四）)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from applications import quorum
from applications.models import MeetingItem, MeetingMember, ReviewMeeting
from applications.services import meeting_recusals
from applications.services.meetings import keep_conflicts_out, lock_draft
from applications.services.recusals import Conflict
from portal.acting import Acting
from portal.errors import Overtaken, Refused

Conclusion = MeetingItem.Conclusion
VOTES = ("votes_for", "votes_against", "votes_abstained")


@dataclass
class Line:
    """An item with its voting members: who stays out, who may vote, and why some must stay out."""

    item: MeetingItem
    recused: list[MeetingMember]
    eligible: int
    conflicts: dict[int, Conflict] = field(default_factory=dict)

    @property
    def problem(self) -> str:
        """What is missing or does not fit, in one sentence; empty when the line is complete."""
        missed = [member for member in self.conflicts if member not in {each.pk for each in self.recused}]
        if missed:
            return _("有成员应当回避，还没有登记，请打开“回避”保存一次。")
        found = faults(self.item, self.eligible)
        return next(iter(found.values()), "")

    @property
    def is_begun(self) -> bool:
        """Whether anything was entered: of an empty line nothing is said to be wrong yet."""
        return bool(self.item.conclusion) or any(getattr(self.item, name) is not None for name in VOTES)

    @property
    def is_complete(self) -> bool:
        """Whether the line can stand in the minutes."""
        return not self.problem


def lines(meeting: ReviewMeeting) -> list[Line]:
    """The items of a meeting with who may vote on them; constant queries."""
    members = [member for member in meeting.members.all() if member.votes]
    known = {member.pk: member for member in members}
    related = ("application__base__training_unit", "application__base__partner", "application__base__category")
    found = meeting_recusals.conflicts(meeting) if meeting.state == ReviewMeeting.State.DRAFT else {}
    listed = []
    for item in meeting.items.select_related(*related).prefetch_related("recused"):
        out = [known[member.pk] for member in item.recused.all() if member.pk in known]
        gone = {member.pk for member in out}
        eligible = sum(member.present and member.pk not in gone for member in members)
        own = {member: conflict for (member, of), conflict in found.items() if of == item.pk}
        listed.append(Line(item, out, eligible, own))
    return listed


def faults(item: MeetingItem, eligible: int) -> dict[str, str]:
    """What is wrong with the votes and the conclusion of an item, by field: so many may vote, as many votes there are."""
    votes = [getattr(item, name) for name in VOTES]
    if any(vote is None for vote in votes):
        empty = next(name for name, vote in zip(VOTES, votes, strict=True) if vote is None)
        return {empty: _("请填写票数，没有的填 0；三项合计应为 %(n)s 票。") % {"n": eligible}}
    if sum(votes) != eligible:
        words = {"sum": sum(votes), "n": eligible}
        return {"votes_for": _("三项合计 %(sum)s 票，应为 %(n)s 票（出席并有表决权的成员，除去回避的）。") % words}
    if not item.conclusion:
        return {"conclusion": _("请选择结论。")}
    majority = quorum.is_majority(item.votes_for or 0, eligible)
    if item.conclusion == Conclusion.AGREED and not majority:
        words = {"need": eligible // 2 + 1, "have": item.votes_for}
        return {"conclusion": _("结论为同意须过半数，至少 %(need)s 票，现为 %(have)s 票。") % words}
    if item.conclusion == Conclusion.REFUSED and majority:
        return {"conclusion": _("同意票已过半数，结论不能是不同意；需要再议的选暂缓。")}
    return {}


def _locked_item(item: MeetingItem, seen: int, by: Acting) -> MeetingItem:
    lock_draft(item.meeting, by)
    locked = MeetingItem.objects.select_for_update(of=("self",)).filter(pk=item.pk).select_related("meeting").first()
    if locked is None:
        raise Overtaken(_("这份申请书已被移出会议，没有保存。请刷新后再看。"))
    if seen != locked.revision:
        raise Overtaken(_("没有保存：这一项刚由他人改过。请刷新后在最新的内容上修改。"))
    return locked


@transaction.atomic
def save_votes(
    *,
    item: MeetingItem,
    votes_for: int | None,
    votes_against: int | None,
    votes_abstained: int | None,
    conclusion: str,
    note: str,
    seen: int,
    by: Acting,
) -> MeetingItem:
    """Keep what was entered of one item as it stands, also half done; what does not fit is said beside it and stops the conclusion.

    Raises NotYours, and Overtaken when somebody else has saved the item since revision ``seen``.
    """
    locked = _locked_item(item, seen, by)
    entered = (votes_for, votes_against, votes_abstained, conclusion, note)
    if entered == (*(getattr(locked, name) for name in VOTES), locked.conclusion, locked.note):
        return locked
    locked.votes_for, locked.votes_against, locked.votes_abstained = votes_for, votes_against, votes_abstained
    locked.conclusion, locked.note, locked.revision = conclusion, note, locked.revision + 1
    locked.save(update_fields=[*VOTES, "conclusion", "note", "revision"])
    return locked


@transaction.atomic
def save_recused(*, item: MeetingItem, members: Iterable[MeetingMember], seen: int, by: Acting) -> MeetingItem:
    """Set who stays out of an item; those whom a conflict keeps out are among them whether they were named or not."""
    locked = _locked_item(item, seen, by)
    chosen = [member for member in members if member.meeting_id == locked.meeting_id and member.votes]
    locked.revision += 1
    locked.save(update_fields=["revision"])
    locked.recused.set(chosen)
    keep_conflicts_out(locked.meeting)
    return locked


@transaction.atomic
def agree_to_all(*, meeting: ReviewMeeting, by: Acting) -> tuple[int, int]:
    """Set every item to agreed with the votes of all who may vote, but leave those where somebody voted otherwise.

    Returns how many were set and how many were left. Raises Refused while nobody is present.
    """
    locked = lock_draft(meeting, by)
    keep_conflicts_out(locked)
    found = lines(locked)
    if not any(member.present and member.votes for member in locked.members.all()):
        raise Refused(_("还没有登记出席的成员，不能填票数。请先在“成员与出席”中勾选。"))
    plain = [line for line in found if line.eligible and not _is_divided(line.item)]
    for line in plain:
        item = line.item
        item.votes_for, item.votes_against, item.votes_abstained = line.eligible, 0, 0
        item.conclusion, item.revision = Conclusion.AGREED, item.revision + 1
    MeetingItem.objects.bulk_update([line.item for line in plain], [*VOTES, "conclusion", "revision"])
    return len(plain), len(found) - len(plain)


def _is_divided(item: MeetingItem) -> bool:
    return bool(item.votes_against or item.votes_abstained or item.conclusion not in {"", Conclusion.AGREED})
