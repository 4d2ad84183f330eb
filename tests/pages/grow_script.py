"""A page with the view alone. With GROW_TINY set, growths of few people and two epochs. For test_grow.py."""

import os

from pages.shared import frame
from pages.shared.grow import grow_view

if os.environ.get("GROW_TINY"):
    from cxr_models.shortcuts.grow import growth, phantoms

    phantoms.LARGE = 128
    growth.phantoms = lambda *asked: phantoms.phantoms(*asked, learn=6, test=3)
    growth.Growth.__init__.__defaults__ = (2, *growth.Growth.__init__.__defaults__[1:])

frame.page("Grow")
grow_view()
