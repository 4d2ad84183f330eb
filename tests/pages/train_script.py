"""The page Train, beginning trainings that learn nothing."""

import runpy
import sys
from pathlib import Path

from pages.shared import trainings

TESTS = Path(__file__).parents[1]
PROGRAM = [sys.executable, str(TESTS / "cxr_models_that_learn_nothing.py")]


def command(plan: trainings.Plan, home: Path) -> list[str]:
    return [*PROGRAM, *trainings.words(plan, home)[2:]]


trainings.command = command
runpy.run_path(str(TESTS.parent / "pages" / "train.py"))
