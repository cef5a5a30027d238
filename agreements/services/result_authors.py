"""完成人 of a result: written one a line in the order of the signatures, and found again among the people of the base."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from agreements.models import Mentor, ResultAuthor, Student
from bases.models import Base
from portal.errors import Refused

Role = ResultAuthor.Role
MOST = 50


def role_words() -> dict[str, str]:
    """The words by which a role is written, and the role."""
    return {str(label): value for value, label in Role.choices} | {
        _("学生"): Role.STUDENT.value,
        _("行业导师"): Role.INDUSTRY.value,
        _("合作导师"): Role.INDUSTRY.value,
    }


def read(base: Base, text: str) -> list[ResultAuthor]:
    """The authors that a text names, not yet saved: each line a name, and where needed 学号 or role and the employer behind commas.

    A name that is one student or mentor of the base is linked to them. Raises Refused with the number of the line for what cannot be
    read, for a name that more than one person of the base has, and for a text without names.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise Refused(_("请填写完成人，一行一人。"))
    if len(lines) > MOST:
        raise Refused(_("完成人最多 %(n)s 人。") % {"n": MOST})
    students, mentors = _people(base)
    found, reasons = [], []
    for place, line in enumerate(lines, start=1):
        try:
            found.append(_author(place, line, students, mentors))
        except Refused as refusal:
            reasons += [_("完成人第 %(n)s 行：%(why)s") % {"n": place, "why": reason} for reason in refusal.reasons]
    names = [(each.name, each.student_id, each.mentor_id, each.employer) for each in found]
    if len(set(names)) < len(names):
        reasons.append(_("完成人有重复，请核对。"))
    if reasons:
        raise Refused(reasons)
    return found


def _people(base: Base) -> tuple[dict[str, list[Student]], dict[str, list[Mentor]]]:
    students: dict[str, list[Student]] = defaultdict(list)
    mentors: dict[str, list[Mentor]] = defaultdict(list)
    for student in Student.objects.filter(placements__base=base).distinct():
        students[student.name].append(student)
    for mentor in Mentor.objects.filter(
        appointments__base=base, appointments__status__in=["appointed", "ended"]
    ).distinct():
        mentors[mentor.name].append(mentor)
    return students, mentors


def _author(
    place: int, line: str, students: dict[str, list[Student]], mentors: dict[str, list[Mentor]]
) -> ResultAuthor:
    name, *rest = [piece.strip() for piece in re.split(r"[，,\t]", line, maxsplit=2)]
    said, employer = [*rest, "", ""][:2]
    words = role_words()
    if not name or len(name) > 30 or len(employer) > 60:
        raise Refused(_("姓名不超过 30 个字，单位不超过 60 个字。"))
    if said and said not in words and not re.fullmatch(r"[0-9A-Za-z-]{4,20}", said):
        raise Refused(
            _("“%(word)s”不是身份或学号；身份有：%(roles)s。")
            % {"word": said, "roles": "、".join(str(label) for _value, label in Role.choices)}
        )
    role = words.get(said, "")
    number = said if said and not role else ""
    its_students = [each for each in students.get(name, ()) if not number or each.number == number]
    if number and not its_students:
        raise Refused(_("本基地没有学号为 %(number)s 的%(name)s。") % {"number": number, "name": name})
    people: list[Student | Mentor] = [
        *(its_students if role in ("", Role.STUDENT) else ()),
        *(each for each in mentors.get(name, ()) if not number and role in ("", each.kind)),
    ]
    if len(people) > 1:
        raise Refused(
            _("本基地有多人叫%(name)s，请在姓名后写明学号或身份，例如“%(name)s，校内导师”。") % {"name": name}
        )
    made = ResultAuthor(place=place, name=name, employer=employer)
    if people and isinstance(people[0], Student):
        made.role, made.student = Role.STUDENT, people[0]
    elif people:
        made.role, made.mentor = people[0].kind, people[0]  # type: ignore[union-attr, assignment]
    else:
        made.role = role or Role.OTHER
    return made


def as_text(authors: Iterable[ResultAuthor]) -> str:
    """The authors as ``read`` takes them."""
    return "\n".join(_line(each) for each in authors)


def _line(author: ResultAuthor) -> str:
    said = author.student.number if author.student else str(author.get_role_display())
    return "，".join([author.name, said, *([author.employer] if author.employer else [])])


def names(authors: Sequence[ResultAuthor]) -> str:
    """The names in their order."""
    return "、".join(each.name for each in authors)
