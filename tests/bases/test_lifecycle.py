import pytest

from bases.lifecycle import State
from bases.services.history import first_flaw
from tests.factories import World


@pytest.mark.parametrize("state", State.values)
def test_every_state_is_reached_by_the_real_services(world: World, today, state: str):
    base = world.in_state(state, today)
    assert base.state == state
    assert first_flaw() is None
