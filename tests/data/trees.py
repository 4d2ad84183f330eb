"""Small trees of phantoms in the collections' own layouts."""

from pathlib import Path

import cv2
import numpy as np

from cxr_models.imaging.phantom import thorax


def film(seed: int, finding: str | None = None) -> np.ndarray:
    """(256, 256) uint8 phantom."""
    return np.rint(thorax(seed, finding, size=256).film.pixels * 255).astype(np.uint8)


def save(path: Path, picture: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), picture)


def collections(root: Path) -> None:
    """One or two films of every collection an adapter knows."""
    save(root / "radio/COVID/images/COVID-1.png", film(1))
    save(root / "radio/Normal/images/Normal-1.png", film(2))
    save(root / "chest_xray/train/NORMAL/IM-0115-0001.jpeg", film(3))
    save(root / "chest_xray/train/PNEUMONIA/person7_bacteria_9.jpeg", film(4))
    save(root / "chest_xray/train/PNEUMONIA/person7_virus_3.jpeg", film(5))
    save(root / "ieee/images/a.jpg", film(6))
    save(root / "ieee/images/b.jpg", film(7))
    (root / "ieee/metadata.csv").write_text(
        "patientid,finding,view,modality,folder,filename\n"
        "11,Pneumonia/Viral/COVID-19,PA,X-ray,images,a.png\n12,No Finding,L,X-ray,images,b.jpg\n"
    )
    save(root / "figure1/images/COVID-00001.jpg", film(8))
    (root / "figure1/metadata.csv").write_text("patientid,finding,artifacts/distortion\nCOVID-00001,COVID-19,\n")
    save(root / "hannover/png/x1.jpg", film(9))
    (root / "hannover/data.csv").write_text("patient_id,image_id,projection\np5,x1,ap\n")
    save(root / "cxnet/chest_xray_images/covid19/2.jpg", film(10))
    (root / "cxnet/metadata.csv").write_text("filename,patient_id,label\n2.jpg,44,COVID-19\n")
    save(root / "nih/No_findings/00000506_013.jpg", film(11))
    save(root / "nih/Pneumonia/00000506_014.jpg", film(12))
    save(root / "lungs/cxr/CHNCXR_0001_0.jpg", film(13))
    save(root / "lungs/masks/CHNCXR_0001_0.png", thorax(13, size=256).lungs.astype(np.uint8) * 255)
