"""Small trees of phantoms in the collections' own layouts."""

from pathlib import Path

import cv2
import numpy as np

from cxr_models.imaging.phantom import thorax

CHEXPERT = (
    "Path,Sex,Age,Frontal/Lateral,AP/PA,No Finding,Pneumonia\n"
    "CheXpert-v1.0-small/train/patient00001/study1/view1_frontal.jpg,Female,68,Frontal,AP,1.0,\n"
    "CheXpert-v1.0-small/train/patient00002/study2/view1_frontal.jpg,Female,17,Frontal,PA,,1.0\n"
    "CheXpert-v1.0-small/train/patient00002/study2/view2_lateral.jpg,Female,17,Lateral,,,1.0\n"
    "CheXpert-v1.0-small/train/patient00003/study1/view1_frontal.jpg,Male,41,Frontal,AP,,-1.0\n"
)


def film(seed: int, finding: str | None = None) -> np.ndarray:
    """(256, 256) uint8 phantom."""
    return np.rint(thorax(seed, finding, size=256).film.pixels * 255).astype(np.uint8)


def person(seed: int) -> np.ndarray:
    """(256, 256) uint8 with structures of a film's size, as different for every seed as people are (phantoms share
    their skeleton)."""
    noise = np.random.default_rng(seed).uniform(30, 225, (32, 32)).astype(np.float32)
    return np.rint(np.clip(cv2.resize(noise, (256, 256), interpolation=cv2.INTER_CUBIC), 0, 255)).astype(np.uint8)


def save(path: Path, picture: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), picture)


def films(root: Path, *names: str, seed: int = 0) -> None:
    """A small grey ramp, different for each name: adapters never look at pixels."""
    for number, name in enumerate(names, start=seed):
        save(root / name, np.tile(np.linspace(0, 255 - number % 200, 8).astype(np.uint8), (8, 1)))


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def collections(root: Path) -> None:
    """A few films of every collection an adapter knows, in its documented layout."""
    covid(root)
    general(root)


def covid(root: Path) -> None:
    films(root / "radio", *(f"{name}/images/{name}-1.png" for name in ("COVID", "Normal", "Viral Pneumonia")))
    films(root / "radio", "Lung_Opacity/images/Lung_Opacity-1.png", "COVID/masks/COVID-1.png", seed=5)
    films(root / "ieee/images", "a.jpg", "b.jpg", "c.jpg", seed=10)
    write(
        root / "ieee/metadata.csv",
        "patientid,age,finding,view,modality,folder,filename\n"
        "11,56,Pneumonia/Viral/COVID-19,PA,X-ray,images,a.png\n12,,No Finding,L,X-ray,images,b.jpg\n"
        "13,4,Pneumonia/Bacterial/Klebsiella,AP,X-ray,images,c.jpg\n14,70,COVID-19,PA,X-ray,images,gone.jpg\n",
    )
    films(root / "figure1/images", "COVID-00001.jpg", seed=20)
    head = "patientid,offset,sex,age,finding,survival,temperature,pO2 saturation,view,modality,"
    write(
        root / "figure1/metadata.csv", head + "artifacts/distortion,notes\nCOVID-00001,13,M,33,COVID-19,,,,PA,X-ray,,\n"
    )
    films(root / "actualmed/images", "CR.1.2.png", "CR.1.3.png", seed=30)
    write(
        root / "actualmed/metadata.csv",
        head + "imagename,artifacts/distortion,notes\nANON1,,,,No finding,,,,PA,X-ray,CR.1.2.png,,\n"
        "ANON196,,,,,,,,PA,X-ray,CR.1.3.png,,Inconclusive\n",
    )
    films(root / "hannover/png", "x1.jpg", seed=40)
    write(root / "hannover/data.csv", "patient_id,image_id,projection\np5,x1,ap\n")
    films(root / "cxnet/chest_xray_images/covid19", "2.jpg", "3.jpg", seed=50)
    write(root / "cxnet/metadata.csv", "filename,patient_id,age,label\n2.jpg,44,9,COVID-19\n")
    films(root / "covidx", "train/t1.png", "train/t2.jpg", "test/t3.png", seed=60)
    write(root / "covidx/train_COVIDx9A.txt", "101 t1.png COVID-19 sirm\nANON7 t2.jpg normal actmed\n")
    write(root / "covidx/test_COVIDx9B.txt", "3 t3.png negative\n")


def general(root: Path) -> None:
    films(root / "chest_xray/train", "NORMAL/IM-0115-0001.jpeg", "PNEUMONIA/person7_bacteria_9.jpeg", seed=70)
    films(root / "chest_xray/test", "NORMAL/NORMAL2-IM-1-1.jpeg", "PNEUMONIA/person7_virus_3.jpeg", seed=80)
    films(root / "nih", "No_findings/00000506_013.jpg", "Pneumonia/00000506_014.jpg", seed=90)
    films(root / "cxr14", "images_001/images/00000001_000.png", "images_002/images/00000002_000.png", seed=100)
    films(root / "cxr14", "images_002/images/00000003_000.png", seed=105)
    write(
        root / "cxr14/Data_Entry_2017.csv",
        "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position\n"
        "00000001_000.png,No Finding,0,1,057Y,M,PA\n00000002_000.png,Edema|Pneumonia,0,2,11,F,AP\n"
        "00000003_000.png,Hernia,0,3,80,F,PA\n",
    )
    lines = CHEXPERT.splitlines()[1:]
    films(root, *(line.split(",")[0] for line in lines), seed=110)
    write(root / "CheXpert-v1.0-small/train.csv", CHEXPERT)
    films(root / "rsna/stage_2_train_images", "u-1.png", "u-2.dcm.png", "u-3.png", seed=120)
    (root / "rsna/stage_2_train_images/u-2.dcm.png").rename(root / "rsna/stage_2_train_images/u-2.dcm")
    boxes = "patientId,x,y,width,height,Target\nu-1,1,1,2,2,1\nu-1,3,3,2,2,1\nu-2,,,,,0\nu-3,,,,,0\n"
    write(root / "rsna/stage_2_train_labels.csv", boxes)
    detail = "patientId,class\nu-1,Lung Opacity\nu-2,Normal\nu-3,No Lung Opacity / Not Normal\n"
    write(root / "rsna/stage_2_detailed_class_info.csv", detail)
    films(root / "lungs", "cxr/CHNCXR_0001_0.jpg", "masks/CHNCXR_0001_0_mask.png", seed=130)
    sides = ("leftMask", "rightMask")
    films(root / "mc", "CXR_png/MCUCXR_0104_1.png", *(f"ManualMask/{s}/MCUCXR_0104_1.png" for s in sides), seed=140)
    write(root / "mc/ClinicalReadings/MCUCXR_0104_1.txt", "Patient's Sex: F\nPatient's Age: 017Y\nTB\n")
