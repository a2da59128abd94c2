"""Views of features, turned alike."""

import numpy as np
import pytest
from scipy import stats

from rknet.show.figures.alignment import aligned
from rknet.study.principal_axes import principal_axes

RNG = np.random.default_rng(0)
FEATURES = RNG.standard_normal((300, 6)) * [5, 3, 2, 1, 0.5, 0.2] + 7


def view(y, dimensions=3):
    return principal_axes(y, dimensions).transform(y)


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_turned_copy_looks_like_the_first(dimensions, mirrored):
    turn = stats.special_ortho_group.rvs(6, random_state=1)
    turn[0] *= -1 if mirrored else 1
    copy = FEATURES @ turn.T
    axes = aligned(principal_axes(copy, dimensions), copy, view(FEATURES, dimensions))
    np.testing.assert_allclose(axes.transform(copy), view(FEATURES, dimensions), atol=1e-10)


def test_a_view_turned_by_any_angle_is_turned_back():
    """Where two variances are equal, the axes of a copy may point anywhere."""
    turn = stats.ortho_group.rvs(3, random_state=2)
    found = aligned(principal_axes(FEATURES, 3), FEATURES, view(FEATURES) @ turn)
    np.testing.assert_allclose(found.transform(FEATURES), view(FEATURES) @ turn, atol=1e-10)


def test_of_all_turns_it_is_the_nearest():
    other = FEATURES + RNG.standard_normal(FEATURES.shape)
    found = aligned(principal_axes(other, 3), other, view(FEATURES)).transform(other)
    nearest = np.linalg.norm(found - view(FEATURES))
    for turn in stats.ortho_group.rvs(3, size=200, random_state=3):
        assert nearest <= np.linalg.norm(view(other) @ turn - view(FEATURES))


def test_the_space_is_the_same():
    other = FEATURES[:, ::-1] ** 2
    before = principal_axes(other, 3)
    after = aligned(before, other, view(FEATURES))
    np.testing.assert_allclose(after.components @ after.components.T, np.eye(3), atol=1e-12)
    shown = after.inverse_transform(after.transform(other))
    np.testing.assert_allclose(shown, before.inverse_transform(before.transform(other)))


def test_it_is_the_same_every_time():
    other = FEATURES[:, ::-1]
    first, second = (aligned(principal_axes(other, 3), other, view(FEATURES)) for _ in range(2))
    np.testing.assert_array_equal(first.components, second.components)
