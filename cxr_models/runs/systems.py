"""The systems that can be trained, for readers who do not train: the names in the recipes' files, and nothing else."""

import tomllib
from pathlib import Path
from typing import NamedTuple

from ..errors import TrainingError

RECIPES = Path(__file__).parents[1] / "training" / "recipes"


class System(NamedTuple):
    """A recipe's id (its file's name), title, and the paper it comes from."""

    id: str
    title: str
    paper: str


def systems(folder: Path = RECIPES) -> dict[str, System]:
    """Every system with a recipe, by title. Raises TrainingError where one cannot be read, or there is none."""
    found = [System(file.stem, *_named(file, ())) for file in folder.glob("*.toml")]
    if not found:
        raise TrainingError(f"There are no recipes in {folder}. Install the program again.")
    return {one.id: one for one in sorted(found, key=lambda one: one.title.lower())}


def _named(file: Path, above: tuple[str, ...]) -> tuple[str, str]:
    """Title and paper, from the recipe it is ``like`` where its own file states none."""
    try:
        own = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError(f"The recipe {file.name} cannot be read ({error}). Correct it.") from None
    if not isinstance(like := own.get("like", ""), str) or like in above:
        raise TrainingError(f"The recipe {file.name} is like itself, by way of {like}. Correct it.")
    title, paper = _named(file.with_name(f"{like}.toml"), (*above, file.stem, like)) if like else ("", "")
    return str(own.get("title") or title or file.stem), str(own.get("paper") or paper)
