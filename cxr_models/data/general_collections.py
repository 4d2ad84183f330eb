"""Adapters of the collections that are older than COVID-19: pneumonia, screening, tuberculosis."""

import re
from collections.abc import Iterator
from pathlib import Path

from .tree import Row, Tree, age_group, row, table

SIDES = ("leftMask", "rightMask")
AGE = re.compile(r"(\d+)\s*y", re.IGNORECASE)


def chest_xray(tree: Tree) -> Iterator[Row]:
    """Kermany's films of children of 1 to 5 years: {train, val, test}/{NORMAL, PNEUMONIA}.

    The file name holds the patient ("person7_virus_3", "IM-0115-0001") and the cause.
    """
    for folder in tree.folders("NORMAL"):
        if folder.parent / "PNEUMONIA" not in tree.files:
            continue
        for path in tree.pictures(folder):
            yield row(path, "chest_xray", "normal", "-".join(path.stem.split("-")[:-1]), age_group="child")
        for path in tree.pictures(folder.parent / "PNEUMONIA"):
            person, cause = (*path.stem.split("_"), "")[:2]
            subtype = {"bacteria": "bacterial", "virus": "viral"}.get(cause, "")
            yield row(path, "chest_xray", "pneumonia", person, subtype=subtype, age_group="child")


def nih_sample(tree: Tree) -> Iterator[Row]:
    """A sample of NIH ChestX-ray14 in {No_findings, Pneumonia}: adults; the file name begins with the patient."""
    for folder in tree.folders("No_findings"):
        for name, label in (("No_findings", "normal"), ("Pneumonia", "pneumonia")):
            for path in tree.pictures(folder.parent / name):
                yield row(path, "nih", label, path.stem.split("_")[0], age_group="adult")


def chestxray14(tree: Tree) -> Iterator[Row]:
    """NIH ChestX-ray14 as published: Data_Entry_2017*.csv, films in images/ or images_001/images/ and so on.

    Labels are text-mined. Films with findings other than pneumonia get no label.
    """
    for csv in tree.tables("Data_Entry_2017*.csv"):
        for path, found in tree.listed("nih", csv.parent, table(csv), "Image Index"):
            findings = found["Finding Labels"].split("|")
            label = "normal" if findings == ["No Finding"] else "pneumonia" if "Pneumonia" in findings else ""
            yield row(path, "nih", label, found["Patient ID"].zfill(8), age_group=age_group(found["Patient Age"]))


def chexpert(tree: Tree) -> Iterator[Row]:
    """CheXpert: train.csv and valid.csv with ``Path``, ``Frontal/Lateral``, ``AP/PA``; 1 is yes, -1 uncertain.

    Only certain films get a label: "No Finding" 1, or "Pneumonia" 1. Laterals get none.
    """
    for csv in [*tree.tables("train.csv"), *tree.tables("valid.csv")]:
        meta = table(csv)
        if not {"Path", "Frontal/Lateral", "AP/PA", "No Finding", "Pneumonia"} <= set(meta.columns):
            continue
        for found in meta.to_dict("records"):
            path = csv.parent.joinpath(*Path(found["Path"]).parts[1:])
            if path not in tree.files.get(path.parent, ()):
                tree.absent["chexpert"] += 1
                continue
            frontal = found["Frontal/Lateral"] == "Frontal"
            label = "normal" if _yes(found["No Finding"]) else "pneumonia" if _yes(found["Pneumonia"]) else ""
            patient = next(part for part in path.parts if part.startswith("patient"))
            rest = {"view": "frontal" if frontal else "lateral", "age_group": age_group(found["Age"])}
            yield row(path, "chexpert", label if frontal else "", patient, **rest)


def _yes(value: str) -> bool:
    return value in ("1", "1.0")


def rsna(tree: Tree) -> Iterator[Row]:
    """RSNA pneumonia challenge: stage_2_train_labels.csv, DICOM or PNG in stage_2_train_images/.

    Target 0 is "normal" only where stage_2_detailed_class_info.csv says so: the others have other findings.
    """
    for csv in tree.tables("stage_2_train_labels.csv"):
        detail = csv.with_name("stage_2_detailed_class_info.csv")
        classes = dict(table(detail)[["patientId", "class"]].to_numpy()) if detail.is_file() else {}
        films = table(csv).drop_duplicates("patientId")
        for path, found in tree.listed("rsna", csv.parent / "stage_2_train_images", films, "patientId"):
            normal = classes.get(found["patientId"]) == "Normal"
            yield row(path, "rsna", "pneumonia" if found["Target"] == "1" else "normal" if normal else "", path.stem)


def lung_masks(tree: Tree) -> Iterator[Row]:
    """Montgomery (MCUCXR_) and Shenzhen (CHNCXR_): ``_1`` is tuberculosis. Masks joined, or one a lung.

    Joined: masks/ beside cxr/ (or CXR_png/), with or without "_mask" in the name. One a lung: ManualMask/leftMask and
    rightMask beside CXR_png/; the row names both, joined by "|". Ages from ClinicalReadings/, where they are.
    """
    films = [f for files in tree.files.values() for f in files if f.match("MCUCXR_*") or f.match("CHNCXR_*")]
    places = {f.parent for f in films if f.parent.name in ("cxr", "CXR_png")}
    for folder in sorted(places):
        beside = folder.parent
        joined = {stem.removesuffix("_mask"): mask for stem, mask in tree.by_stem(beside / "masks").items()}
        sides = [tree.by_stem(beside / "ManualMask" / side) for side in SIDES]
        for path in tree.pictures(folder):
            masks = [joined[path.stem]] if path.stem in joined else [s[path.stem] for s in sides if path.stem in s]
            _, number, ill = path.stem.split("_")[:3]
            rest = {"mask": "|".join(map(str, masks)), "subtype": "tuberculosis" if ill == "1" else ""}
            source = "montgomery" if path.stem.startswith("MCU") else "shenzhen"
            yield row(path, source, "", number, age_group=_reading(beside, path.stem), **rest)


def _reading(folder: Path, stem: str) -> str:
    file = folder / "ClinicalReadings" / f"{stem}.txt"
    years = AGE.search(file.read_text(encoding="utf-8", errors="replace")) if file.is_file() else None
    return age_group(years[1]) if years else ""
