"""The one signature of every method of explanation."""

from collections.abc import Callable

from ..types import Film, Lungs, Map

Progress = Callable[[float, str], None]
"""Share done in [0, 1] and what is being done."""
Cancel = Callable[[], bool]
"""Asked between steps; True ends the work with ``errors.Cancelled``."""
Method = Callable[[Film, Lungs | None, str, str, Progress, Cancel], Map]
"""(film, lungs, model id, class, progress, cancelled) -> map in the film frame, ``inside_lungs`` still None."""
