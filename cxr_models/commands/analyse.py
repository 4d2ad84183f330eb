"""``analyse``: films in, one JSON object a film out, with masks and maps beside it.

``DIR/results.jsonl`` has one line a film, in input order, written as soon as the film is done:
``file`` as given; ``sha256`` of its bytes, null if it cannot be opened; ``status``: "ok", "warned", "refused", "error";
``reasons``, sentences; ``lungs``, null or ``mask`` (PNG, film frame, 0/255) and ``area_fraction``; ``predictions``,
model -> class -> probability; ``maps``, model -> method -> NPY (float32, film frame) for the model's decided class;
``evidence``, with --check, model -> method -> what the checks of this map found (below); and, only where a model or a
map could not be had, ``failures``, its name -> sentence. File names hold the film's number and hash, never its name.
The residual of CoroNet is that of both autoencoders together (CoroNet paper, eq. 7).

Of each map: ``badge``; ``reasons``, sentences, none where it passes; ``checks``, code -> ``passed`` (null: could not be
made), ``value``, ``limit``; ``inside``, ``floor``, ``ceiling``, share of its positive evidence in the lungs, of an even
map, of a map as coarse on the lungs alone; ``zones``, part of the film -> ``share`` of its positive evidence, ``floor``
of an even map; ``deletion``, ``insertion``, calibrated probabilities of the class with 0, 10, ..., 100 % of the places
blurred, or brought back, strongest first; ``cascade``, part of the network -> rank correlation with the map after the
weights down to this part are shuffled, null for no map; ``agreement``, method -> rank correlation with its map. Shares
and probabilities in [0, 1], correlations in [-1, 1]; null or empty where there are no lungs, no evidence or no number.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from ..errors import CxrError, FilmError
from ..types import Film, Lungs, Map, Prediction, Reading

METHODS = ("cam", "grad_cam", "grad_cam_pp", "integrated_gradients", "occlusion", "perturbation", "residual")
WORDS: dict[str, tuple[str, ...]] = {"none": (), "all": METHODS}
Line = dict[str, Any]


class Request(NamedTuple):
    """What was asked for, checked: files in order, folder for the results, model ids, methods of explanation, and
    whether the maps are checked."""

    files: list[Path]
    out: Path
    models: tuple[str, ...]
    methods: tuple[str, ...]
    check: bool


class Unusable(Exception):
    """Arguments that cannot be used; the message says why."""


def register(commands: argparse._SubParsersAction) -> None:
    """Add ``analyse`` to the command line."""
    parser = commands.add_parser(
        "analyse",
        help="read films, write probabilities, lungs and maps",
        description="Film by film, each line written when its film is done. Batches are for code: explain.explain_all.",
    )
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="film, or folder of films (all files in it)"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for results.jsonl and pictures")
    parser.add_argument("--models", default="all", metavar="all|ID,ID", help="which models read the films")
    parser.add_argument(
        "--explain", default="none", metavar=f"none|all|{','.join(METHODS)}", help="which maps are made"
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="test each map: should it be believed? Badge and reasons, shares by zone, deletion and insertion curves, "
        "likeness after shuffling weights and to other methods, into the film's line",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 when every film has its line, 2 for arguments that cannot be used. Raises ManifestError."""
    try:
        request = _request(args)
    except Unusable as error:
        print(f"python -m cxr_models analyse: {error}", file=sys.stderr)
        return 2
    with (request.out / "results.jsonl").open("w", encoding="utf-8") as results:
        for number, file in enumerate(request.files, start=1):
            line = _line(number, file, request)
            results.write(json.dumps(line) + "\n")
            results.flush()
            print(f"Film {number} of {len(request.files)}: {line['status']}", file=sys.stderr)
    return 0


def _request(args: argparse.Namespace) -> Request:
    from ..inference import classifiers

    if args.check and args.explain == "none":
        raise Unusable("--check tests maps and none are asked for. Name them, as in --explain all.")
    methods = WORDS[args.explain] if args.explain in WORDS else _chosen("--explain", args.explain, METHODS)
    known = classifiers()
    models = known if args.models == "all" else _chosen("--models", args.models, known)
    files = [file for path in args.paths for file in _files(path)]
    try:
        args.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unusable(f"--out: {args.out} cannot be made a folder ({error.strerror}). Name another.") from error
    return Request(files, args.out, models, methods, args.check)


def _chosen(option: str, text: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """The names of a comma-separated list, each once."""
    names = dict.fromkeys(name.strip() for name in text.split(","))
    if unknown := [name for name in names if name not in known]:
        raise Unusable(f"{option}: there is no {unknown[0]!r}. There are: {', '.join(known)}.")
    return tuple(names)


def _files(path: Path) -> Iterator[Path]:
    """The file itself, or all files of a folder in name order, hidden ones left out as a shell does."""
    if not path.exists():
        raise Unusable(f"{path} does not exist. Name a film or a folder of films.")
    if not path.is_dir():
        yield path
        return
    files = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))
    if not files:
        raise Unusable(f"The folder {path} has no files in it. Name a film or a folder of films.")
    yield from files


def _line(number: int, file: Path, request: Request) -> Line:
    from ..imaging.read import read_film
    from ..inference import read

    line: Line = {"file": str(file), "sha256": None, "status": "error", "reasons": [], "lungs": None}
    line |= {"predictions": {}, "maps": {}}
    try:
        data = file.read_bytes()
        line["sha256"] = hashlib.sha256(data).hexdigest()
        film = read_film(data, f"Film {number}")
    except OSError as error:
        return line | {"reasons": [f"The file cannot be opened ({error.strerror}). Check its path and permissions."]}
    except FilmError as error:
        return line | {"reasons": [str(error)]}
    return line | _told(read(film, request.models), request, f"{number:05d}-{film.sha256[:12]}")


def _told(reading: Reading, request: Request, stem: str) -> Line:
    """What a reading adds to the line; ``stem`` begins the names of the files written beside it."""
    failures = dict(reading.failures)
    line: Line = {
        "status": reading.verdict.status,
        "reasons": [reason.sentence for reason in reading.verdict.reasons],
        "lungs": _saved_lungs(reading.lungs, request.out, stem),
        "predictions": {
            name: dict(zip(p.classes, p.probabilities, strict=True)) for name, p in reading.predictions.items()
        },
        "maps": {},
    }
    evidence: Line = {}
    for name, prediction in reading.predictions.items():
        made = _maps(reading.film, reading.lungs, prediction, request.methods, failures)
        if made:
            line["maps"][name] = {method: _saved_map(one, request.out, stem) for method, one in made.items()}
        if made and request.check:
            from .checked import checked

            evidence[name] = checked(reading.film, reading.lungs, made)
    line |= {"evidence": evidence} if request.check else {}
    return line | ({"failures": failures} if failures else {})


def _saved_lungs(lungs: Lungs | None, out: Path, stem: str) -> Line | None:
    if lungs is None or not lungs.mask.any():
        return None
    name = f"{stem}-lungs.png"
    (out / name).write_bytes(cv2.imencode(".png", lungs.mask.astype(np.uint8) * 255)[1].tobytes())
    return {"mask": name, "area_fraction": lungs.area_fraction}


def _maps(
    film: Film, lungs: Lungs | None, prediction: Prediction, methods: tuple[str, ...], failures: dict[str, str]
) -> dict[str, Map]:
    """Method -> map of the decided class, for the methods that apply to this model."""
    from ..explain import explain, methods_for

    made = {}
    for method in (m for m in methods_for(prediction.model_id) if m in methods):
        try:
            made[method] = explain(film, lungs, prediction.model_id, method, prediction.decided)
        except CxrError as error:
            failures[f"{prediction.model_id} {method}"] = str(error)
    return made


def _saved_map(made: Map, out: Path, stem: str) -> str:
    name = f"{stem}-{made.model_id}-{made.method}.npy"
    np.save(out / name, made.values)
    return name
