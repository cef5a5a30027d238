"""培养过程 1: the partner offers posts each year, at least as many as the agreement promises."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agreements.models import Post
from agreements.services import posts
from bases.lifecycle import State
from portal import inbox
from portal.acting import Acting
from portal.errors import NotYours, Overtaken, Refused
from tests.agreements.placing import Placing

SignedIn = Callable[[Acting], Client]


def offer(placing: Placing, **changes: Any) -> Post:
    given = {"year": placing.on.year, "title": "数据分析", "places": 2, "work": "生产数据分析。"} | changes
    return posts.save(base=placing.base, acting=placing.partner, on=placing.on, **given)


@pytest.mark.agreement("培养过程 1")
class TestThePromise:
    def test_counts_the_places_of_the_year_against_the_agreement(self, placing: Placing):
        of = lambda year=None: posts.offers([placing.base.pk], placing.on, year)[placing.base.pk]  # noqa: E731
        assert (of().promised, of().offered, of().short) == (5, 4, 1)
        offer(placing)
        offer(placing, year=placing.on.year + 1, places=9)
        assert [(each.offered, each.short) for each in (of(), of(placing.on.year + 1))] == [(6, 0), (9, 0)]

    def test_counts_a_closed_post_with_the_places_that_were_filled(self, placing: Placing):
        placing.select(3)
        posts.close(base=placing.base, post=placing.post, acting=placing.partner, on=placing.on, reason="项目暂停。")
        assert posts.offers([placing.base.pk], placing.on)[placing.base.pk].offered == 3

    def test_sets_no_number_where_the_agreement_sets_none(self, placing: Placing):
        placing.had_agreed(posts_per_year=None)
        found = posts.offers([placing.base.pk], placing.on)[placing.base.pk]
        assert (found.promised, found.short) == (None, 0)

    @pytest.mark.parametrize(("on", "missed"), [(date(2026, 8, 31), False), (date(2026, 9, 1), True)])
    def test_is_missed_from_september_on(self, on: date, missed: bool):
        assert posts.Offer(2026, 5, 4).is_missed(on) is missed
        assert posts.Offer(2026, 5, 5).is_missed(on) is False

    def test_that_is_missed_waits_for_the_partner_and_stands_in_the_overview(
        self, placing: Placing, signed_in: SignedIn
    ):
        why = "协议约定每年不少于 5 个岗位，2026 年已提供 4 个，请补充发布。"
        waiting = [item.why for item in inbox.items(placing.partner, placing.on) if item.group == "岗位与实践"]
        assert waiting == [why]
        for acting in (placing.unit, placing.partner, placing.world.officer):
            assert "在基地 0 人，岗位少 1 个" in signed_in(acting).get(reverse("training")).text
        offer(placing)
        assert [item for item in inbox.items(placing.partner, placing.on) if item.why == why] == []


class TestAPost:
    def test_is_altered_until_somebody_was_selected(self, placing: Placing):
        posts.save(base=placing.base, acting=placing.partner, on=placing.on, post=placing.post, places=6)
        assert Post.objects.get().places == 6
        placing.select(1)
        with pytest.raises(Overtaken) as refusal:
            posts.save(base=placing.base, acting=placing.partner, on=placing.on, post=placing.post, places=1)
        assert refusal.value.reasons == ("“设备运维”已有研究生入选，内容不再修改。可以停止接收，另发布新岗位。",)

    def test_closes_with_a_reason_and_keeps_who_was_selected(self, placing: Placing):
        found = placing.select(1)

        def close(reason: str) -> Post:
            return posts.close(
                base=placing.base, post=placing.post, acting=placing.partner, on=placing.on, reason=reason
            )

        with pytest.raises(Refused):
            close(" ")
        closed = close("项目暂停。")
        assert (closed.closed_on, closed.closed_reason, closed.closed_by) == (
            placing.on,
            "项目暂停。",
            placing.partner.user,
        )
        assert placing.fresh(found)[0].status == "proposed"
        with pytest.raises(Overtaken):
            close("再次。")

    @pytest.mark.parametrize("who", ["unit_officer", "applicant", "other_partner_officer", "officer"])
    def test_is_the_partners_alone(self, placing: Placing, who: str):
        with pytest.raises(NotYours):
            posts.save(
                base=placing.base,
                acting=getattr(placing.world, who),
                on=placing.on,
                year=2026,
                title="x",
                places=1,
                work="x",
            )

    def test_of_a_base_that_was_revoked_is_overtaken(self, placing: Placing):
        world, today = placing.world, placing.on
        base = world.revoked(today)
        assert base.state == State.REVOKED
        with pytest.raises(Overtaken):
            posts.save(
                base=base, acting=world.partner_officer, on=today, year=today.year, title="x", places=1, work="x"
            )

    def test_is_offered_on_its_page_by_the_partner(self, placing: Placing, signed_in: SignedIn):
        client = signed_in(placing.partner)
        form = {"year": "2026", "title": "工艺优化", "places": "3", "work": "工艺优化。", "stipend": "1800"}
        wrong = client.post(reverse("post-new", args=[placing.base.pk]), form | {"places": "0", "year": "2030"})
        assert (wrong.status_code, "岗位按年度提供，请填写 2026 年或下一年。" in wrong.text) == (422, True)
        answer = client.post(reverse("post-new", args=[placing.base.pk]), form, follow=True)
        assert "岗位“工艺优化”已保存，培养单位可以遴选。" in answer.text
        assert "2026 年已提供岗位 7 个，协议约定不少于 5 个。" in answer.text
        assert Post.objects.get(title="工艺优化").stipend == 1800
