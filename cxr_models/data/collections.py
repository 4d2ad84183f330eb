"""Adapters: the folders in which public collections arrive -> one row a film.

A collection is found by its structure (a folder or table that only it has), wherever it lies below the root.
Rows: path (relative to the root), source, label ("" when the film is not for classification), patient, view, mask.
"""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from ..errors import TrainingError

PICTURES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".dcm"}
FRONTAL_VIEWS = {"PA", "AP", "AP SUPINE", "AP ERECT"}


def pictures(folder: Path) -> list[Path]:
    """All films below ``folder``, sorted."""
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in PICTURES)


def row(
    path: Path, source: str, label: str, patient: str = "", view: str = "frontal", mask: str = ""
) -> dict[str, str]:
    person = f"{source}/{patient}" if patient else ""
    return {"path": str(path), "source": source, "label": label, "patient": person, "view": view, "mask": mask}


def table(path: Path) -> pd.DataFrame:
    """A collection's own CSV, all text, blanks for missing values."""
    try:
        return pd.read_csv(path, dtype=str, encoding_errors="replace", keep_default_na=False)
    except (OSError, pd.errors.ParserError) as error:
        raise TrainingError(
            f"The table {path.name} cannot be read ({error}). Download the collection again."
        ) from error


def radiography_database(root: Path) -> Iterator[dict]:
    """COVID-19 Radiography Database: {COVID, Normal, Viral Pneumonia}/images."""
    names = {"COVID": "covid19", "Normal": "normal", "Viral Pneumonia": "pneumonia"}
    for covid in root.rglob("COVID/images"):
        base = covid.parent.parent
        for folder, label in names.items():
            for path in pictures(base / folder / "images"):
                yield row(path, "radiography", label)


def chest_xray(root: Path) -> Iterator[dict]:
    """Kermany's paediatric films: {train, val, test}/{NORMAL, PNEUMONIA}; the patient stands in the file name."""
    for folder in root.rglob("NORMAL"):
        if not (folder.parent / "PNEUMONIA").is_dir():
            continue
        for path in pictures(folder):
            yield row(path, "chest_xray", "normal", "-".join(path.stem.split("-")[:-1]))
        for path in pictures(folder.parent / "PNEUMONIA"):
            yield row(path, "chest_xray", "pneumonia", path.stem.split("_")[0])


def ieee_label(finding: str) -> str:
    """ieee8023's ``finding`` -> class name, "" for the ones no class fits."""
    if "COVID-19" in finding:
        return "covid19"
    if finding == "No Finding":
        return "normal"
    return "" if finding in ("", "todo", "Unknown", "Tuberculosis") else "pneumonia"


def ieee8023(root: Path) -> Iterator[dict]:
    """covid-chestxray-dataset: metadata.csv with ``finding``, ``view``, ``modality``."""
    for csv in root.rglob("metadata.csv"):
        meta = table(csv)
        if not {"finding", "modality", "folder", "filename"} <= set(meta.columns):
            continue
        films = {p.stem: p for p in pictures(csv.parent / "images")}
        for record in meta.itertuples():
            path = films.get(Path(record.filename).stem)
            if path is None:
                continue
            frontal = record.view.upper() in FRONTAL_VIEWS and record.modality == "X-ray"
            view = "frontal" if frontal else "lateral" if record.view == "L" else "ct"
            yield row(path, "ieee8023", ieee_label(record.finding) if frontal else "", record.patientid, view)


def figure1(root: Path) -> Iterator[dict]:
    """Figure 1 collection: metadata.csv with ``artifacts/distortion``."""
    labels = {"COVID-19": "covid19", "No finding": "normal", "Pneumonia": "pneumonia"}
    for csv in root.rglob("metadata.csv"):
        meta = table(csv)
        if "artifacts/distortion" not in meta.columns:
            continue
        findings = dict(zip(meta["patientid"], meta["finding"], strict=True))
        for path in pictures(csv.parent / "images"):
            yield row(path, "figure1", labels.get(findings.get(path.stem, ""), ""), path.stem)


def hannover(root: Path) -> Iterator[dict]:
    """Hannover Medical School: data.csv with ``image_id`` and ``projection``; all COVID-19."""
    for csv in root.rglob("data.csv"):
        meta = table(csv)
        if not {"image_id", "patient_id", "projection"} <= set(meta.columns):
            continue
        patients = dict(zip(meta["image_id"], meta["patient_id"], strict=True))
        for path in pictures(csv.parent / "png"):
            yield row(path, "hannover", "covid19", patients.get(path.stem, path.stem))


def covid_cxnet(root: Path) -> Iterator[dict]:
    """COVID-CXNet: chest_xray_images/covid19, metadata for a part of it."""
    for folder in root.rglob("chest_xray_images/covid19"):
        csv = folder.parent.parent / "metadata.csv"
        meta = table(csv) if csv.is_file() else pd.DataFrame({"filename": [], "patient_id": []})
        patients = {Path(f).stem: p for f, p in zip(meta["filename"], meta["patient_id"], strict=True)}
        for path in pictures(folder):
            yield row(path, "covid_cxnet", "covid19", patients.get(path.stem, ""))


def nih(root: Path) -> Iterator[dict]:
    """NIH ChestX-ray14 sample: No_findings and Pneumonia; the patient is the first field of the file name."""
    for folder in root.rglob("No_findings"):
        for name, label in (("No_findings", "normal"), ("Pneumonia", "pneumonia")):
            for path in pictures(folder.parent / name):
                yield row(path, "nih", label, path.stem.split("_")[0])


def lung_masks(root: Path) -> Iterator[dict]:
    """Montgomery (MCUCXR_) and Shenzhen (CHNCXR_) with joined masks: cxr/ and masks/."""
    for folder in root.rglob("cxr"):
        masks = {p.stem.removesuffix("_mask"): p for p in pictures(folder.parent / "masks")}
        for path in pictures(folder):
            if path.stem in masks:
                source = "montgomery" if path.stem.startswith("MCU") else "shenzhen"
                yield row(path, source, "", path.stem.split("_")[1], mask=str(masks[path.stem]))


COLLECTIONS = (radiography_database, chest_xray, ieee8023, figure1, hannover, covid_cxnet, nih, lung_masks)


def scan(root: Path) -> pd.DataFrame:
    """All films of all collections below ``root``; paths relative to it. Raises TrainingError when none is found."""
    rows = [r for collection in COLLECTIONS for r in collection(root)]
    if not rows:
        raise TrainingError(f"No known collection below {root}. It should hold the folders as downloaded (see README).")
    films = pd.DataFrame(rows).drop_duplicates("path", ignore_index=True)
    for column in ("path", "mask"):
        films[column] = [str(Path(p).relative_to(root)) if p else "" for p in films[column]]
    return films
