"""专业实践: the unit selects students into a post, the partner answers, and one day it ends (协议：培养过程、权责划分).

Every act takes several placements of one base at once and is carried out for all of them or for none.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agreements.models import (
    Appointment,
    BaseProject,
    Mentor,
    Placement,
    PlacementChange,
    PlacementEvent,
    Post,
    Student,
)
from agreements.services.posts import taken
from agreements.services.standing import living, must_be
from bases.models import Base, Policy
from bases.services import lifecycle
from portal.acting import Acting
from portal.errors import Overtaken, Refused
from portal.models import StoredFile

Kind = PlacementEvent.Kind
Status = Placement.Status
ONE_PLACE = "student_in_one_place_at_a_time"


def locked(base: Base, pks: Iterable[int]) -> list[Placement]:
    """The placements of a base as they stand now, locked in the order of their keys.

    Raises Refused when none was chosen, Overtaken when one of them is not of this base.
    """
    wanted = sorted(set(pks))
    if not wanted:
        raise Refused(_("没有选择研究生，没有办理。请在列表中勾选。"))
    found = list(
        Placement.objects.select_for_update(of=("self",))
        .filter(base=base, pk__in=wanted)
        .select_related("student", "post", "campus_mentor", "industry_mentor", "base")
        .order_by("pk")
    )
    if len(found) != len(wanted):
        raise Overtaken(_("所选的研究生有的不在本基地，没有办理。请刷新列表后重新选择。"))
    return found


def log(
    placements: Iterable[Placement], kind: str, *, by: Acting, on: date, words: str = "", file: StoredFile | None = None
) -> None:
    """Add a line to the time line of each placement."""
    PlacementEvent.objects.bulk_create(
        PlacementEvent(
            placement=each, kind=kind, words=words[:800], on=on, by=by.user, by_name=by.name, role=by.role, file=file
        )
        for each in placements
    )


def refuse_unless(placements: Sequence[Placement], *states: str) -> None:
    """Raises Overtaken, with the names, when one of the placements stands otherwise."""
    wrong = [
        _("%(who)s当前为“%(state)s”") % {"who": each.student, "state": each.get_status_display()}
        for each in placements
        if each.status not in states
    ]
    if wrong:
        raise Overtaken(_("没有办理：%(who)s。请刷新列表后再看。") % {"who": "、".join(wrong)})


@contextmanager
def one_place_at_a_time() -> Iterator[None]:
    """Turns the database's refusal of a second place into a sentence."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if ONE_PLACE in str(error):
            raise Refused(_("所选研究生中有人在这段时间已有另一个实践安排，没有办理。")) from error
        raise


def length_words(starts_on: date, ends_on: date, policy: Policy) -> str:
    """Why a length needs a reason (协议：培养过程 2, in principle six to twelve months); empty for one that needs none."""
    shortest = starts_on + relativedelta(months=policy.practice_months_min) - timedelta(days=1)
    longest = starts_on + relativedelta(months=policy.practice_months_max)
    words = {"least": policy.practice_months_min, "most": policy.practice_months_max}
    if ends_on < shortest:
        return _("专业实践原则上 %(least)s 至 %(most)s 个月，所填时间不足 %(least)s 个月，请写明理由。") % words
    if ends_on > longest:
        return _("专业实践原则上 %(least)s 至 %(most)s 个月，所填时间超过 %(most)s 个月，请写明理由。") % words
    return ""


def appointed_mentor(base: Base, pk: int | None, kind: str, day: date) -> Mentor | None:
    """The mentor of that key, appointed for this base on that day (第十一条); None for no key. Raises Refused for any other."""
    if pk is None:
        return None
    terms = Appointment.objects.filter(base=base, mentor=pk, mentor__kind=kind).select_related("mentor")
    for each in terms:
        if each.holds(day):
            return each.mentor
    raise Refused(_("所选导师在 %(day)s 没有本基地的有效聘任，请先聘任或另选。") % {"day": day.isoformat()})


@transaction.atomic
def select(
    *,
    base: Base,
    post: Post,
    students: Sequence[int],
    acting: Acting,
    on: date,
    starts_on: date,
    ends_on: date,
    campus_mentor: int | None = None,
    project: BaseProject | None = None,
    length_reason: str = "",
) -> list[Placement]:
    """The unit's graduate office selects students of the unit into a post, to be answered by the partner (协议：培养过程 1、2).

    Raises Refused for more students than places are left, for a length outside the policy without a reason, for students who are
    elsewhere then, have left, or are of another level than the post asks for; NotYours for anybody but the graduate office.
    """
    here = living(base)
    must_be(here, acting, "unit")
    offered = Post.objects.select_for_update().filter(base=here, pk=post.pk).first()
    if offered is None or offered.closed_on is not None:
        raise Overtaken(_("这个岗位已停止接收，没有办理。"))
    # Locked, so that two bases that select the same student at the same moment come one after the other.
    chosen = list(
        Student.objects.select_for_update()
        .filter(training_unit=here.training_unit_id, pk__in=set(students))
        .order_by("pk")
    )
    if not chosen or len(chosen) != len(set(students)):
        raise Refused(_("没有选择研究生，或者所选的不在本单位名单中，没有办理。"))
    reasons = [*_dates(offered, starts_on, ends_on, length_reason, on), *_places(offered, len(chosen))]
    reasons += _unfit(chosen, offered, starts_on, ends_on)
    if project is not None and project.base_id != here.pk:
        reasons.append(_("所选项目不是本基地的项目。"))
    if reasons:
        raise Refused(reasons)
    mentor = appointed_mentor(here, campus_mentor, Mentor.Kind.CAMPUS, max(on, starts_on))
    with one_place_at_a_time():
        made = Placement.objects.bulk_create(
            Placement(
                base=here, post=offered, student=each, starts_on=starts_on, ends_on=ends_on, planned_ends_on=ends_on,
                length_reason=length_reason.strip(), campus_mentor=mentor, project=project, selected_by=acting.user, selected_on=on,
            )
            for each in chosen
        )  # fmt: skip
    words = {"post": offered.title, "from": starts_on.isoformat(), "to": ends_on.isoformat()}
    log(made, Kind.SELECTED, by=acting, on=on, words=_("岗位“%(post)s”，%(from)s 至 %(to)s。") % words)
    return made


def _dates(post: Post, starts_on: date, ends_on: date, length_reason: str, on: date) -> Iterator[str]:
    if ends_on <= starts_on:
        yield _("结束日期应晚于进入基地日期。")
        return
    if starts_on.year not in (post.year, post.year + 1):
        words = {"year": post.year, "next": post.year + 1}
        yield _("这是 %(year)s 年度的岗位，进入基地日期应在 %(year)s 或 %(next)s 年。") % words
        return
    problem = length_words(starts_on, ends_on, Policy.in_force(on))
    if problem and not length_reason.strip():
        yield problem


def _places(post: Post, wanted: int) -> Iterator[str]:
    left = max(post.places - taken(post), 0)
    if wanted > left:
        words = {"post": post.title, "left": left, "n": wanted}
        yield _("岗位“%(post)s”还有 %(left)s 个名额，选了 %(n)s 人，请减少人数或另选岗位。") % words


def _unfit(chosen: Sequence[Student], post: Post, starts_on: date, ends_on: date) -> Iterator[str]:
    elsewhere = Placement.objects.filter(
        student__in=chosen, status__in=Placement.HELD, starts_on__lte=ends_on, ends_on__gte=starts_on
    ).select_related("base", "student")
    for each in elsewhere:
        words = {"who": each.student, "from": each.starts_on, "to": each.ends_on, "base": each.base.name}
        yield _("%(who)s在 %(from)s 至 %(to)s 已有“%(base)s”的实践安排。") % words
    for student in chosen:
        if student.left_on is not None and student.left_on < ends_on:
            yield _("%(who)s于 %(day)s 离校，早于实践结束日期。") % {"who": student, "day": student.left_on.isoformat()}
        if post.level and student.level != post.level:
            words = {"who": student, "level": post.get_level_display()}
            yield _("岗位要求%(level)s，%(who)s不是。") % words


@transaction.atomic
def accept(
    *, base: Base, placements: Iterable[int], acting: Acting, on: date, industry_mentor: int | None = None, lodging: str = "",
    lodging_note: str = "",
) -> int:  # fmt: skip
    """The partner takes the selected students, all at once, and may name their industry mentor and lodging; returns how many.

    Raises NotYours for anybody but the partner, Overtaken when one of them does not wait for an answer any more.
    """
    here = living(base)
    must_be(here, acting, "partner")
    chosen = locked(here, placements)
    refuse_unless(chosen, Status.PROPOSED)
    for each in chosen:
        day = max(on, each.starts_on)
        each.industry_mentor = appointed_mentor(here, industry_mentor, Mentor.Kind.INDUSTRY, day)
        each.lodging, each.lodging_note = lodging, lodging_note.strip()
        each.status, each.answered_by, each.answered_on = Status.ACCEPTED, acting.user, on
    Placement.objects.bulk_update(
        chosen, ["industry_mentor", "lodging", "lodging_note", "status", "answered_by", "answered_on"]
    )
    mentor = chosen[0].industry_mentor
    words = _("行业产业导师：%(name)s。") % {"name": mentor} if mentor else ""
    log(chosen, Kind.ACCEPTED, by=acting, on=on, words=words)
    return len(chosen)


@transaction.atomic
def decline(*, base: Base, placements: Iterable[int], acting: Acting, on: date, reason: str) -> int:
    """The partner does not take the selected students, with the reason, which the unit reads; their places are free again."""
    here = living(base)
    must_be(here, acting, "partner")
    chosen = locked(here, placements)
    refuse_unless(chosen, Status.PROPOSED)
    if not reason.strip():
        raise Refused(_("请写明不接收的原因。"))
    for each in chosen:
        each.status, each.answered_by, each.answered_on = Status.DECLINED, acting.user, on
        each.answer_note = reason.strip()
    Placement.objects.bulk_update(chosen, ["status", "answered_by", "answered_on", "answer_note"])
    log(chosen, Kind.DECLINED, by=acting, on=on, words=reason.strip())
    return len(chosen)


@transaction.atomic
def withdraw(*, base: Base, placements: Iterable[int], acting: Acting, on: date, reason: str) -> int:
    """The unit takes its selection back before the partner has answered. Raises Overtaken once it has."""
    here = living(base)
    must_be(here, acting, "unit")
    chosen = locked(here, placements)
    refuse_unless(chosen, Status.PROPOSED)
    if not reason.strip():
        raise Refused(_("请写明撤回的原因。"))
    Placement.objects.filter(pk__in=[each.pk for each in chosen]).update(status=Status.WITHDRAWN)
    log(chosen, Kind.WITHDRAWN, by=acting, on=on, words=reason.strip())
    return len(chosen)


@transaction.atomic
def end(*, base: Base, placements: Iterable[int], acting: Acting, on: date, note: str = "") -> int:
    """The partner closes placements whose last day has come; the students go on to their thesis (协议：培养过程 2).

    Raises Refused for one whose last day is still ahead: ending it sooner is a change that the other side must know of.
    """
    here = living(base)
    must_be(here, acting, "partner")
    chosen = locked(here, placements)
    refuse_unless(chosen, Status.RUNNING)
    early = [each for each in chosen if each.ends_on > on]
    if early:
        names = "、".join(f"{each.student}（{each.ends_on}）" for each in early)
        raise Refused(_("还没有到结束日期：%(names)s。要提前结束，请办理“变更”。") % {"names": names})
    changes = PlacementChange.objects.filter(placement__in=chosen)
    by_force = set(
        changes.filter(kind="force_majeure", status=PlacementChange.Status.EFFECTIVE).values_list(
            "placement", flat=True
        )
    )
    for each in chosen:
        ending = Placement.Ending.EARLY if each.ends_on < each.planned_ends_on else Placement.Ending.COMPLETED
        close(each, Placement.Ending.FORCE_MAJEURE if each.pk in by_force else ending, acting, note)
    _save_closed(chosen)
    changes.filter(status=PlacementChange.Status.WAITING).update(status=PlacementChange.Status.LAPSED)
    log(chosen, Kind.ENDED, by=acting, on=on, words=note.strip())
    return len(chosen)


def close(placement: Placement, ending: str, by: Acting, note: str) -> None:
    """Note on a row, which the caller saves, that its time in the base is over."""
    placement.status, placement.stage = Status.ENDED, Placement.Stage.THESIS
    placement.ending, placement.ending_note, placement.ended_by = ending, note.strip(), by.user


def _save_closed(chosen: Sequence[Placement]) -> None:
    Placement.objects.bulk_update(chosen, ["status", "stage", "ending", "ending_note", "ended_by", "ends_on"])


@transaction.atomic
def wind_up(*, base: Base, ending: str, on: date, by: Acting) -> int:
    """End everything that still runs in a base whose agreement or recognition is over; returns how many placements it was.

    ``ending`` is ``termination`` or ``base_ended``. Who is in the base leaves it on that day, who is not there yet does not come; open
    requests for changes lapse. The base may be in any state.
    """
    here = lifecycle.lock(base.pk)
    open_ = Placement.objects.select_for_update(of=("self",)).filter(
        base=here, status__in=[Status.PROPOSED, Status.ACCEPTED, Status.RUNNING]
    )
    chosen = list(open_.select_related("student").order_by("pk"))
    words = str(Placement.Ending(ending).label)
    running = [each for each in chosen if each.status == Status.RUNNING]
    waiting = [each for each in chosen if each.status != Status.RUNNING]
    for each in running:
        each.ends_on = max(each.starts_on, min(each.ends_on, on))
        close(each, ending, by, words)
    for each in waiting:
        each.status = Status.WITHDRAWN
    _save_closed(running)
    Placement.objects.bulk_update(waiting, ["status"])
    PlacementChange.objects.filter(placement__in=chosen, status=PlacementChange.Status.WAITING).update(
        status=PlacementChange.Status.LAPSED
    )
    log(running, Kind.ENDED, by=by, on=on, words=words)
    log(waiting, Kind.WITHDRAWN, by=by, on=on, words=words)
    return len(chosen)
