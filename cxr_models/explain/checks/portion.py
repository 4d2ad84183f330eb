"""Part of a longer work reports its own progress from 0 to 1."""

from ..signature import Progress


def portion(progress: Progress, start: float, end: float) -> Progress:
    """What the part calls: its shares 0 to 1 are ``start`` to ``end`` of the whole."""
    return lambda share, doing: progress(start + (end - start) * share, doing)
