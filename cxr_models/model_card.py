"""The README.md of a hub repository, made of the manifest's entries alone: what a stranger must know before use."""

from collections.abc import Iterator, Sequence

from .manifest import ModelSpec, Training

NOTICE = (
    "**For research and teaching, not a diagnostic device.** None of these figures says anything about a patient, and"
    " none was measured in clinical use."
)
LICENCES = {"MIT": "mit", "Apache-2.0": "apache-2.0"}  # as the hub spells them; it calls all others "other"


def card(repo: str, entries: Sequence[ModelSpec]) -> str:
    """Markdown with the hub's header: how to get the models, then one section a model, in the order given."""
    licences = {LICENCES.get(spec.licence, "other") for spec in entries}
    header = ["---", f"license: {licences.pop() if len(licences) == 1 else 'other'}", "tags:", "- chest-x-ray", "---"]
    title = entries[0].title if len(entries) == 1 else "Chest X-ray models"
    lines = [*header, "", f"# {title}", "", NOTICE, "", *_use(repo)]
    for spec in entries:
        lines += ["", *_section(spec)]
    return "\n".join(lines) + "\n"


def _use(repo: str) -> Iterator[str]:
    yield "Each model is `ID.safetensors`, with its entry of `weights_manifest.toml` in `ID.toml`. To use them:"
    yield ""
    yield f"    python -m cxr_models weights pull --repo {repo}"


def _section(spec: ModelSpec) -> Iterator[str]:
    yield from (f"## {spec.title} (`{spec.id}`)", "")
    yield f"- What it is: {_what(spec)}"
    yield f"- After: {spec.paper}"
    yield f"- Classes, in the order of its outputs: {', '.join(spec.classes) or 'none'}"
    if spec.thresholds:
        points = ", ".join(f"{name} from {value:g}" for name, value in spec.thresholds.items())
        yield f"- Operating point: {points} (temperature {spec.temperature:g}); chosen by: {spec.thresholds_chosen}"
    yield f"- Limits: {spec.limits}"
    yield f"- Licence: {spec.licence}"
    yield f"- SHA-256 of the weights: `{spec.sha256}`, {spec.size / 1e6:.1f} MB"
    yield from ("", "### Training", "", *_training(spec.training))
    yield from ("", "### Measured", "", *_measured(spec))


def _what(spec: ModelSpec) -> str:
    seen = "the lungs alone" if spec.input.region == "lungs" else "the whole film"
    return (
        f"{spec.family}, architecture `{spec.architecture}`; it sees {seen} at {spec.input.size} x {spec.input.size} px"
    )


def _training(training: Training) -> Iterator[str]:
    yield from _table(("source", "training films"), ((name, f"{n}") for name, n in training.data.items()))
    yield ""
    yield f"- How short it was: {training.shortened or 'not shortened, by its own account'}"
    yield (
        f"- {training.films_seen} films seen with repetitions ({training.epochs:g} epochs) in {training.minutes:g}"
        f" minutes on {training.device}, {training.date}, seed {training.seed}"
    )
    yield f"- Started from: {training.initialisation}"
    yield f"- Kept apart for testing: {training.split}"


def _measured(spec: ModelSpec) -> Iterator[str]:
    if not spec.results:
        yield "Nothing was measured with these weights: nothing is known of how well they do."
        return
    rows = (
        (r.name, f"{r.value:.4g}", f"{r.low:.4g} to {r.high:.4g}", f"{r.n}", r.data, f"`{r.command}`")
        for r in spec.results
    )
    yield from _table(("figure", "value", "95 % interval", "n", "films", "printed by"), rows)


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[str]:
    yield _row(head)
    yield _row(["---"] * len(head))
    yield from map(_row, rows)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
