"""Files to which a measurement adds a line at a time, so that it can go on where it was broken off."""

from pathlib import Path


def whole_lines(file: Path) -> list[str]:
    """The lines of ``file``, none if it is not there; a last line cut off by a kill is dropped from the file, too."""
    if not file.is_file():
        return []
    text = file.read_text()
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        file.write_text(whole)
    return whole.splitlines()
