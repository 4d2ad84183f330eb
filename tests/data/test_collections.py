from pathlib import Path

import pytest
from trees import collections

from cxr_models.data.collections import scan
from cxr_models.errors import TrainingError

WANTED = {
    "radio/COVID/images/COVID-1.png": ("radiography", "covid19", "", "frontal"),
    "radio/Normal/images/Normal-1.png": ("radiography", "normal", "", "frontal"),
    "chest_xray/train/NORMAL/IM-0115-0001.jpeg": ("chest_xray", "normal", "chest_xray/IM-0115", "frontal"),
    "chest_xray/train/PNEUMONIA/person7_bacteria_9.jpeg": ("chest_xray", "pneumonia", "chest_xray/person7", "frontal"),
    "chest_xray/train/PNEUMONIA/person7_virus_3.jpeg": ("chest_xray", "pneumonia", "chest_xray/person7", "frontal"),
    "ieee/images/a.jpg": ("ieee8023", "covid19", "ieee8023/11", "frontal"),
    "ieee/images/b.jpg": ("ieee8023", "", "ieee8023/12", "lateral"),
    "figure1/images/COVID-00001.jpg": ("figure1", "covid19", "figure1/COVID-00001", "frontal"),
    "hannover/png/x1.jpg": ("hannover", "covid19", "hannover/p5", "frontal"),
    "cxnet/chest_xray_images/covid19/2.jpg": ("covid_cxnet", "covid19", "covid_cxnet/44", "frontal"),
    "nih/No_findings/00000506_013.jpg": ("nih", "normal", "nih/00000506", "frontal"),
    "nih/Pneumonia/00000506_014.jpg": ("nih", "pneumonia", "nih/00000506", "frontal"),
    "lungs/cxr/CHNCXR_0001_0.jpg": ("shenzhen", "", "shenzhen/0001", "frontal"),
}


def test_every_collection_is_found_by_its_structure(tmp_path):
    collections(tmp_path)
    films = scan(tmp_path)
    found = {r.path: (r.source, r.label, r.patient, r.view) for r in films.itertuples()}
    assert found == WANTED
    assert films.set_index("path")["mask"]["lungs/cxr/CHNCXR_0001_0.jpg"] == "lungs/masks/CHNCXR_0001_0.png"


def test_a_folder_without_collections_is_an_error(tmp_path):
    with pytest.raises(TrainingError, match="No known collection"):
        scan(tmp_path)


def test_the_real_collections(films_root: Path):
    films = scan(films_root)
    counts = films[films.label != ""].groupby("label").size()
    assert (counts > 4000).all() and set(counts.index) == {"covid19", "normal", "pneumonia"}
    assert (films["mask"] != "").sum() == 616
