from pathlib import Path

import pytest
from trees import collections, films, write

from cxr_models.data.collections import scan
from cxr_models.data.tree import age_group
from cxr_models.errors import TrainingError

FIELDS = ["source", "label", "subtype", "patient", "view", "age_group"]
CHEXPERT, KERMANY = "CheXpert-v1.0-small/train", "chest_xray/train/PNEUMONIA"
WANTED = {
    "radio/COVID/images/COVID-1.png": "radiography covid19 - - frontal -",
    "radio/Normal/images/Normal-1.png": "radiography normal - - frontal -",
    "radio/Viral Pneumonia/images/Viral Pneumonia-1.png": "radiography pneumonia viral - frontal -",
    "radio/Lung_Opacity/images/Lung_Opacity-1.png": "radiography - lung_opacity - frontal -",
    "ieee/images/a.jpg": "ieee8023 covid19 - ieee8023/11 frontal adult",
    "ieee/images/b.jpg": "ieee8023 - - ieee8023/12 lateral -",
    "ieee/images/c.jpg": "ieee8023 pneumonia bacterial ieee8023/13 frontal child",
    "figure1/images/COVID-00001.jpg": "figure1 covid19 - figure1/COVID-00001 frontal adult",
    "actualmed/images/CR.1.2.png": "actualmed normal - actualmed/ANON1 frontal -",
    "actualmed/images/CR.1.3.png": "actualmed - - actualmed/ANON196 frontal -",
    "hannover/png/x1.jpg": "hannover covid19 - hannover/p5 frontal -",
    "cxnet/chest_xray_images/covid19/2.jpg": "covid_cxnet covid19 - covid_cxnet/44 frontal child",
    "cxnet/chest_xray_images/covid19/3.jpg": "covid_cxnet covid19 - - frontal -",
    "covidx/train/t1.png": "covidx-sirm covid19 - covidx-sirm/101 frontal -",
    "covidx/train/t2.jpg": "covidx-actmed normal - covidx-actmed/ANON7 frontal -",
    "covidx/test/t3.png": "covidx - not_COVID-19 covidx/3 frontal -",
    "chest_xray/train/NORMAL/IM-0115-0001.jpeg": "chest_xray normal - chest_xray/IM-0115 frontal child",
    f"{KERMANY}/person7_bacteria_9.jpeg": "chest_xray pneumonia bacterial chest_xray/person7 frontal child",
    "chest_xray/test/NORMAL/NORMAL2-IM-1-1.jpeg": "chest_xray normal - chest_xray/NORMAL2-IM-1 frontal child",
    "chest_xray/test/PNEUMONIA/person7_virus_3.jpeg": "chest_xray pneumonia viral chest_xray/person7 frontal child",
    "nih/No_findings/00000506_013.jpg": "nih normal - nih/00000506 frontal adult",
    "nih/Pneumonia/00000506_014.jpg": "nih pneumonia - nih/00000506 frontal adult",
    "cxr14/images_001/images/00000001_000.png": "nih normal - nih/00000001 frontal adult",
    "cxr14/images_002/images/00000002_000.png": "nih pneumonia - nih/00000002 frontal child",
    "cxr14/images_002/images/00000003_000.png": "nih - - nih/00000003 frontal adult",
    f"{CHEXPERT}/patient00001/study1/view1_frontal.jpg": "chexpert normal - chexpert/patient00001 frontal adult",
    f"{CHEXPERT}/patient00002/study2/view1_frontal.jpg": "chexpert pneumonia - chexpert/patient00002 frontal child",
    f"{CHEXPERT}/patient00002/study2/view2_lateral.jpg": "chexpert - - chexpert/patient00002 lateral child",
    f"{CHEXPERT}/patient00003/study1/view1_frontal.jpg": "chexpert - - chexpert/patient00003 frontal adult",
    "rsna/stage_2_train_images/u-1.png": "rsna pneumonia - rsna/u-1 frontal -",
    "rsna/stage_2_train_images/u-2.dcm": "rsna normal - rsna/u-2 frontal -",
    "rsna/stage_2_train_images/u-3.png": "rsna - - rsna/u-3 frontal -",
    "lungs/cxr/CHNCXR_0001_0.jpg": "shenzhen - - shenzhen/0001 frontal -",
    "mc/CXR_png/MCUCXR_0104_1.png": "montgomery - tuberculosis montgomery/0104 frontal child",
}


def test_every_collection_is_found_by_its_structure(tmp_path):
    collections(tmp_path)
    films, absent = scan(tmp_path)
    cells = films[FIELDS].replace("", "-").replace(" ", "_", regex=True).agg(" ".join, axis=1)
    assert dict(zip(films.path, cells, strict=True)) == WANTED
    assert absent == {"ieee8023": 1}


def test_masks_are_joined_or_one_a_lung(tmp_path):
    collections(tmp_path)
    masks = scan(tmp_path)[0].set_index("path")["mask"]
    assert masks["lungs/cxr/CHNCXR_0001_0.jpg"] == "lungs/masks/CHNCXR_0001_0_mask.png"
    left, right = masks["mc/CXR_png/MCUCXR_0104_1.png"].split("|")
    assert (left, right) == tuple(f"mc/ManualMask/{side}/MCUCXR_0104_1.png" for side in ("leftMask", "rightMask"))


def test_a_collection_is_found_wherever_it_lies_and_whatever_its_folder_is_called(tmp_path):
    films(tmp_path / "a/b/some name", "NORMAL/IM-1-1.jpeg", "PNEUMONIA/person1_virus_1.jpeg")
    assert set(scan(tmp_path)[0].source) == {"chest_xray"}


def test_a_folder_without_collections_is_an_error(tmp_path):
    with pytest.raises(TrainingError, match="No known collection"):
        scan(tmp_path)


def test_a_table_that_is_not_utf8_is_named_with_its_line(tmp_path):
    films(tmp_path / "h/png", "x1.jpg")
    (tmp_path / "h/data.csv").write_bytes(b"patient_id,image_id,projection\np5,x1,ap\np6,M\xfcller,ap\n")
    with pytest.raises(TrainingError, match=r"data\.csv is not in UTF-8: line 3"):
        scan(tmp_path)


def test_a_table_that_is_empty_is_named(tmp_path):
    write(tmp_path / "h/data.csv", "")
    with pytest.raises(TrainingError, match=r"data\.csv cannot be read"):
        scan(tmp_path)


@pytest.mark.parametrize(
    "years, wanted", [("45", "adult"), ("045Y", "adult"), ("17.0", "child"), ("18", "adult"), ("", ""), ("old", "")]
)
def test_age_groups(years, wanted):
    assert age_group(years) == wanted


def test_the_real_collections(films_root: Path):
    films, absent = scan(films_root)
    counts = films[films.label != ""].groupby("label").size()
    assert (counts > 4000).all() and set(counts.index) == {"covid19", "normal", "pneumonia"}
    assert (films["mask"] != "").sum() == 616
    assert set(films[films.source == "chest_xray"].subtype) == {"", "bacterial", "viral"}
