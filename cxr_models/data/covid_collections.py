"""Adapters of the COVID-19 collections, each found by a folder or table that only it has."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from .tree import Row, Tree, age_group, row, table

FRONTAL_VIEWS = {"PA", "AP", "AP SUPINE", "AP ERECT"}
BACTERIAL = ("bacterial", "klebsiella", "streptococcus", "e.coli", "legionella", "mycoplasma", "nocardia", "staphylo")
VIRAL = ("viral", "sars", "mers", "influenza", "varicella", "herpes")
COVIDX_LABELS = {"COVID-19": "covid19", "positive": "covid19", "normal": "normal", "pneumonia": "pneumonia"}


def radiography_database(tree: Tree) -> Iterator[Row]:
    """COVID-19 Radiography Database: {COVID, Normal, Viral Pneumonia, Lung_Opacity}/images.

    Its lung masks are a network's, not drawn by hand, so they are not taken. It names neither patients nor ages.
    """
    classes = {
        "COVID": ("covid19", ""),
        "Normal": ("normal", ""),
        "Viral Pneumonia": ("pneumonia", "viral"),
        "Lung_Opacity": ("", "lung opacity"),
    }
    for covid in tree.folders("COVID", "images"):
        for folder, (label, subtype) in classes.items():
            for path in tree.pictures(covid.parent.parent / folder / "images"):
                yield row(path, "radiography", label, subtype=subtype)


def subtype_of(finding: str) -> str:
    """ "bacterial" or "viral" where a pneumonia's cause stands in the finding; "" for COVID-19, the label says that."""
    low = finding.lower()
    if "covid-19" in low:
        return ""
    if any(cause in low for cause in BACTERIAL):
        return "bacterial"
    return "viral" if any(cause in low for cause in VIRAL) else "tuberculosis" if "tuberculosis" in low else ""


def ieee_label(finding: str) -> str:
    """ieee8023's ``finding`` -> class name, "" for the ones no class fits."""
    if "COVID-19" in finding:
        return "covid19"
    if finding == "No Finding":
        return "normal"
    return "" if finding in ("", "todo", "Unknown") or "Tuberculosis" in finding else "pneumonia"


def ieee8023(tree: Tree) -> Iterator[Row]:
    """covid-chestxray-dataset: metadata.csv with ``finding``, ``view``, ``modality``. Laterals and CT have no label."""
    for csv in tree.tables("metadata.csv"):
        meta = table(csv)
        if not {"finding", "modality", "folder", "filename"} <= set(meta.columns):
            continue
        for path, found in tree.listed("ieee8023", csv.parent / "images", meta, "filename"):
            frontal = found["view"].upper() in FRONTAL_VIEWS and found["modality"] == "X-ray"
            view = "frontal" if frontal else "lateral" if found["view"] == "L" else "ct"
            label = ieee_label(found["finding"]) if frontal else ""
            rest = {"view": view, "subtype": subtype_of(found["finding"]), "age_group": age_group(found.get("age", ""))}
            yield row(path, "ieee8023", label, found["patientid"], **rest)


def figure1(tree: Tree) -> Iterator[Row]:
    """Figure 1 collection: metadata.csv with ``artifacts/distortion``; a film is named after its patient."""
    yield from _agchung(tree, "figure1", "patientid")


def actualmed(tree: Tree) -> Iterator[Row]:
    """Actualmed collection: the same metadata.csv with ``imagename``; inconclusive films have no finding."""
    yield from _agchung(tree, "actualmed", "imagename")


def _agchung(tree: Tree, source: str, name: str) -> Iterator[Row]:
    labels = {"COVID-19": "covid19", "No finding": "normal", "Pneumonia": "pneumonia"}
    for csv in tree.tables("metadata.csv"):
        meta = table(csv)
        if "artifacts/distortion" not in meta.columns or ("imagename" in meta.columns) != (name == "imagename"):
            continue
        for path, found in tree.listed(source, csv.parent / "images", meta, name):
            frontal = not found["view"].upper().startswith("L")
            label = labels.get(found["finding"], "") if frontal else ""
            rest = {"view": "frontal" if frontal else "lateral", "age_group": age_group(found["age"])}
            yield row(path, source, label, found["patientid"], **rest)


def hannover(tree: Tree) -> Iterator[Row]:
    """Hannover Medical School: data.csv with ``image_id`` and ``projection``; all COVID-19."""
    for csv in tree.tables("data.csv"):
        meta = table(csv)
        if {"image_id", "patient_id", "projection"} <= set(meta.columns):
            for path, found in tree.listed("hannover", csv.parent / "png", meta, "image_id"):
                yield row(path, "hannover", "covid19", found["patient_id"], age_group=age_group(found.get("age", "")))


def covid_cxnet(tree: Tree) -> Iterator[Row]:
    """COVID-CXNet: chest_xray_images/covid19; metadata.csv beside it knows the patients of a part of the films."""
    for folder in tree.folders("chest_xray_images", "covid19"):
        csv = folder.parent.parent / "metadata.csv"
        meta = table(csv) if csv.is_file() else pd.DataFrame({"filename": []})
        known = {Path(record["filename"]).stem: record for record in meta.to_dict("records")}
        for path in tree.pictures(folder):
            found = known.get(path.stem, {})
            age = age_group(found.get("age", ""))
            yield row(path, "covid_cxnet", "covid19", found.get("patient_id", ""), age_group=age)


def covidx(tree: Tree) -> Iterator[Row]:
    """COVIDx: {train, test}_COVIDx*.txt, a line "patientid filename label source", films in {train, test}/.

    The two-class lists' "negative" may be normal or pneumonia: it gets no label. Source is the list's own, if given.
    """
    for part in ("train", "test"):
        for listing in tree.tables(f"{part}_COVIDx*.txt"):
            fields = [line.split() for line in listing.read_text(encoding="utf-8").splitlines() if line.strip()]
            named = [dict(zip(("patient", "file", "label", "source"), f, strict=False)) for f in fields if len(f) >= 3]
            for path, found in tree.listed("covidx", listing.parent / part, pd.DataFrame(named), "file"):
                source = f"covidx-{found['source']}" if isinstance(found.get("source"), str) else "covidx"
                label = COVIDX_LABELS.get(found["label"], "")
                yield row(path, source, label, found["patient"], subtype="" if label else "not COVID-19")
