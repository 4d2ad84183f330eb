"""An evaluation or a comparison as text: every figure with its interval and n, and what a reader must know."""

from ..prevalence import natural
from ..results import Comparison, Evaluation, Measure


def text(found: Evaluation) -> str:
    """Notes first; then what holds over all films, beside it Cramér's V; then each class, each collection, the rest."""
    groups = f" of {found.groups} groups" if found.groups else ""
    lines = [f"{found.model_id}, {found.name}: {found.n} films{groups}, {found.data}"]
    lines += [f"  ! {note}" for note in found.notes]
    last = None
    for m in sorted(found.measures, key=lambda m: _place(m, found)):
        lines += [""] if (block := _place(m, found)[0]) != last else []
        lines.append(_line(m, found.cramers_v if not m.about else None))
        last = block
    return "\n".join([*lines, *_meaning(found), *_confusion(found)])


def _place(m: Measure, found: Evaluation) -> tuple[int, str]:
    """All films, the classes in their order, collections by name, then everything else as it comes."""
    blocks = ["", *found.classes]
    if m.about in blocks:
        return blocks.index(m.about), ""
    return len(blocks) + ("collection " not in m.about), m.about.partition("collection ")[2]


def _line(m: Measure, v: float | None) -> str:
    beside = "" if v is None else f"   Cramér's V {v:.2f}"
    return f"  {m.name:29} {m.about:34} {m.value:7.3f}   {m.low:.3f} to {m.high:.3f}   n = {m.n}{beside}"


def _meaning(found: Evaluation) -> list[str]:
    """The operating threshold in natural frequencies, at the prevalence of these films and at 1 in 100."""
    name = found.classes[0] if found.classes else ""
    se, sp = (found.measure(f"{figure} at threshold", name) for figure in ("sensitivity", "specificity"))
    if se is None or sp is None or found.threshold is None:
        return []
    here = natural(found.prevalence(name), se.value, sp.value).sentence(name)
    rare = natural(0.01, se.value, sp.value, 1000).sentence(name)
    return ["", f"At the threshold {found.threshold:.2f}: {here}", f"Where 1 film in 100 shows it: {rare}"]


def _confusion(found: Evaluation) -> list[str]:
    if not found.confusion:
        return []
    width = max(map(len, found.classes)) + 2
    heading = "".join(f"{name:>{width}}" for name in found.classes)
    rows = (
        f"{name:{width}}" + "".join(f"{count:{width}d}" for count in row)
        for name, row in zip(found.classes, found.confusion, strict=True)
    )
    return ["", "Films, truth down, answer across:", "  " + " " * width + heading, *(f"  {row}" for row in rows)]


def comparison(found: Comparison) -> str:
    """a - b of every figure with its interval, and p where there is a test."""
    only = f"{found.a} alone is right on {found.only_a} films, {found.b} alone on {found.only_b}"
    lines = [f"{found.a} against {found.b}, {found.name}: {found.n} films of {found.groups} groups; {only}"]
    lines += [f"  ! {note}" for note in found.notes]
    for d in found.differences:
        p = "" if d.p is None else f"   p = {d.p:.2g} ({d.test})"
        values = f"{d.a:.3f} - {d.b:.3f} = {d.value:+.3f}   {d.low:+.3f} to {d.high:+.3f}"
        lines.append(f"  {d.name:18} {d.about:14} {values}{p}")
    return "\n".join(lines)
