"""Test files made in code: TIFFs field by field, DICOM in every transfer syntax, phantoms with known values."""

import struct
import zlib
from io import BytesIO

import gdcm
import numpy as np
from PIL import Image
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate

GDCM_SYNTAX = {
    uid.JPEGLossless: gdcm.TransferSyntax.JPEGLosslessProcess14,
    uid.JPEGLosslessSV1: gdcm.TransferSyntax.JPEGLosslessProcess14_1,
    uid.JPEGExtended12Bit: gdcm.TransferSyntax.JPEGExtendedProcess2_4,
}


def ramp(bits: int = 12, shape: tuple[int, int] = (40, 32), signed: bool = False) -> np.ndarray:
    """A smooth picture using the full range of ``bits``; (H, W) uint8, uint16 or int16."""
    row, column = np.mgrid[: shape[0], : shape[1]]
    unit = (row / (shape[0] - 1) + column / (shape[1] - 1)) / 2
    values = np.round(unit * (2**bits - 1)).astype(np.int64) - (2 ** (bits - 1) if signed else 0)
    return values.astype(np.int16 if signed else np.uint8 if bits <= 8 else np.uint16)


def pillow(array: np.ndarray | Image.Image, kind: str, **options: object) -> bytes:
    """The bytes of a file that Pillow writes."""
    picture = array if isinstance(array, Image.Image) else Image.fromarray(array)
    stream = BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def png(array: np.ndarray, colour_type: int, size: tuple[int, int] | None = None) -> bytes:
    """A PNG by ISO 15948, 8 or 16 bits a sample; ``size`` (width, height) overrides what the header claims."""
    height, width = array.shape[:2]
    big = array.astype(array.dtype.newbyteorder(">"))
    raw = b"".join(b"\0" + row.tobytes() for row in big)
    header = struct.pack(">IIBBBBB", *(size or (width, height)), array.dtype.itemsize * 8, colour_type, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(raw)) + _chunk(b"IEND", b"")


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def tiff(array: np.ndarray, photometric: int = 1, order: str = "<", orientation: int = 1) -> bytes:
    """An uncompressed one-strip TIFF 6.0; order "<" or ">"."""
    samples = 1 if array.ndim == 2 else array.shape[2]
    raw = array.astype(array.dtype.newbyteorder(order)).tobytes()
    tags: list[tuple[int, str, list[int]]] = [
        (256, "I", [array.shape[1]]),
        (257, "I", [array.shape[0]]),
        (258, "H", [array.dtype.itemsize * 8] * samples),
        (259, "H", [1]),
        (262, "H", [photometric]),
        (273, "I", [0]),
        (274, "H", [orientation]),
        (277, "H", [samples]),
        (278, "I", [array.shape[0]]),
        (279, "I", [len(raw)]),
        (339, "H", [{"u": 1, "i": 2, "f": 3}[array.dtype.kind]] * samples),
    ]
    after = 8 + 2 + 12 * len(tags) + 4
    outside = sum(struct.calcsize(order + form * len(v)) for _, form, v in tags if struct.calcsize(form * len(v)) > 4)
    entries, extra = b"", b""
    for tag, form, values in tags:
        packed = struct.pack(order + form * len(values), *([after + outside] if tag == 273 else values))
        if len(packed) > 4:
            packed, extra = struct.pack(order + "I", after + len(extra)), extra + packed
        entries += struct.pack(order + "HHI", tag, {"H": 3, "I": 4}[form], len(values)) + packed.ljust(4, b"\0")
    start = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "IH", 8, len(tags))
    return start + entries + struct.pack(order + "I", 0) + extra + raw


def dataset(pixels: np.ndarray, bits: int = 12, photometric: str = "MONOCHROME2", **tags: object) -> Dataset:
    """A minimal uncompressed computed radiograph around ``pixels`` (H, W) or (H, W, 3); ``tags`` by keyword."""
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.MediaStorageSOPClassUID = uid.ComputedRadiographyImageStorage
    made.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    made.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    made.SOPClassUID, made.SOPInstanceUID = uid.ComputedRadiographyImageStorage, "1.2.3"
    made.PatientName, made.PatientID, made.Modality = "Doe^Jane", "SECRET-4711", "CR"
    made.Rows, made.Columns = pixels.shape[:2]
    made.SamplesPerPixel = 1 if pixels.ndim == 2 else 3
    if pixels.ndim == 3:
        made.PlanarConfiguration = 0
    made.PhotometricInterpretation = photometric
    made.BitsAllocated, made.BitsStored, made.HighBit = pixels.dtype.itemsize * 8, bits, bits - 1
    made.PixelRepresentation = int(pixels.dtype.kind == "i")
    for keyword, value in tags.items():
        setattr(made, keyword, value)
    made.PixelData = pixels.tobytes() + b"\0" * (pixels.nbytes % 2)
    made["PixelData"].VR = "OB" if pixels.dtype.itemsize == 1 else "OW"
    return made


def written(made: Dataset) -> bytes:
    """The data set as a file with preamble and file meta information."""
    stream = BytesIO()
    made.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def dicom(pixels: np.ndarray, bits: int = 12, photometric: str = "MONOCHROME2", **tags: object) -> bytes:
    """``written(dataset(...))``."""
    return written(dataset(pixels, bits, photometric, **tags))


def compressed(pixels: np.ndarray, bits: int, syntax: str, **tags: object) -> bytes:
    """The same, in ``syntax``: pydicom's encoders, else gdcm for the JPEG family, Pillow for baseline."""
    if syntax == uid.ExplicitVRBigEndian:
        pixels = pixels.byteswap()
    made = dataset(pixels, bits, **tags)
    if syntax == uid.JPEGBaseline8Bit:
        return with_frame(made, syntax, pillow(pixels, "JPEG", quality=100))
    if syntax in GDCM_SYNTAX:
        return with_frame(made, syntax, gdcm_encoded(pixels, bits, syntax))
    if syntax == uid.JPEG2000:
        made.compress(syntax, j2k_cr=[2], generate_instance_uid=False)
    elif uid.UID(syntax).is_encapsulated:
        made.compress(syntax, generate_instance_uid=False)
    made.file_meta.TransferSyntaxUID = syntax
    return written(made)


def with_frame(made: Dataset, syntax: str, frame: bytes) -> bytes:
    """The file with ``frame`` as its one encapsulated frame."""
    made.PixelData = encapsulate([frame + b"\0" * (len(frame) % 2)])
    made["PixelData"].VR = "OB"
    made["PixelData"].is_undefined_length = True
    made.file_meta.TransferSyntaxUID = syntax
    return written(made)


def gdcm_encoded(pixels: np.ndarray, bits: int, syntax: str) -> bytes:
    """One frame as gdcm codes it: JPEG lossless, or JPEG extended of up to 12 bits at quality 95."""
    writer = gdcm.ImageWriter()  # owns the image, and must outlive it
    image = writer.GetImage()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((pixels.shape[1], pixels.shape[0], 1))
    sign = int(pixels.dtype.kind == "i")
    image.SetPixelFormat(gdcm.PixelFormat(1, pixels.dtype.itemsize * 8, bits, bits - 1, sign))
    grey = gdcm.PhotometricInterpretation(gdcm.PhotometricInterpretation.MONOCHROME2)
    image.SetPhotometricInterpretation(grey)
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.ExplicitVRLittleEndian))
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetByteStringValue(pixels.tobytes())
    image.SetDataElement(element)
    change, codec = gdcm.ImageChangeTransferSyntax(), gdcm.JPEGCodec()
    change.SetInput(image)
    change.SetTransferSyntax(gdcm.TransferSyntax(GDCM_SYNTAX[syntax]))
    if syntax == uid.JPEGExtended12Bit:
        codec.SetLossless(False)
        codec.SetQuality(95)
        change.SetUserCodec(codec)
    assert change.Change()
    fragment = change.GetOutput().GetDataElement().GetSequenceOfFragments().GetFragment(0)
    return fragment.GetByteValue().GetBuffer().encode("utf-8", "surrogateescape")
