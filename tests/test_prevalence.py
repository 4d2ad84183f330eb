import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxr_models.prevalence import natural, npv_at, ppv_at

SHARES = st.floats(0, 1)


def test_bayes_by_hand():
    # One woman in a hundred, 90 % sensitivity, 91 % specificity: 9 of 98 (Gigerenzer et al. 2007).
    assert ppv_at(0.01, 0.9, 0.91) == pytest.approx(0.009 / (0.009 + 0.0891))
    assert npv_at(0.01, 0.9, 0.91) == pytest.approx(0.9009 / (0.9009 + 0.001))
    assert np.isnan(ppv_at(0.5, 0.0, 1.0))
    assert ppv_at(0.5, np.array([1.0, 0.5]), np.array([1.0, 0.5])) == pytest.approx([1, 0.5])


def test_films_out_of_a_thousand_by_hand():
    found = natural(0.01, 0.9, 0.91, 1000)
    assert (found.found, found.missed, found.false_alarms, found.spared) == (9, 1, 89, 901)
    assert found.sentence("COVID-19") == (
        "Of 1000 such films, 10 show COVID-19. The model names 98: 9 rightly and 89 wrongly. It misses 1."
    )


@given(SHARES, SHARES, SHARES)
def test_films_add_up_and_none_is_negative(prevalence, sensitivity, specificity):
    found = natural(prevalence, sensitivity, specificity)
    parts = (found.found, found.missed, found.false_alarms, found.spared)
    assert sum(parts) == 100 and min(parts) >= 0
