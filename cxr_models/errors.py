"""Every error this package raises on purpose. Each message says what is wrong and what to do.

CxrError
├── FilmError               the file is not a film that can be read
│   ├── NotAnImage          no known image or DICOM content (a PDF, a text, an empty file)
│   ├── DamagedFilm         truncated or corrupt pixel data
│   ├── UnsupportedFilm     readable format, but not a single grey radiograph (multi-frame, codec, photograph)
│   └── FilmTooLarge        more pixels than we are willing to decode (decompression bomb)
├── RefusedFilm             the gate refused the film and the caller asked for a reading all the same
├── ManifestError           weights_manifest.toml is wrong; names the entry and the field
├── WeightsError            weights cannot be used
│   ├── WeightsMissing      file absent, hub unreachable or offline
│   └── WeightsMismatch     SHA-256, size or tensor names and shapes differ from the manifest
├── UnknownModel            lists the valid ids
├── UnknownMethod           lists the valid methods (also: a class or a layer this model does not have)
├── MapError                an explanation that came out as nothing that could be shown
├── StoreError              the database of readings cannot be used
├── Cancelled               the reader cancelled a long computation
└── TrainingError           data or configuration from which a model cannot be trained
"""


class CxrError(Exception):
    """Base of all errors that are meant to be read by a person."""


class FilmError(CxrError):
    """The file is not a film that can be read."""


class NotAnImage(FilmError):
    """The content is no known image format and no DICOM."""


class DamagedFilm(FilmError):
    """The pixel data is truncated or corrupt."""


class UnsupportedFilm(FilmError):
    """A readable file that is not one grey radiograph."""


class FilmTooLarge(FilmError):
    """The picture would decode to more pixels than the limit."""


class RefusedFilm(CxrError):
    """The gate refused the film."""


class ManifestError(CxrError):
    """weights_manifest.toml cannot be used."""


class WeightsError(CxrError):
    """Weights cannot be used."""


class WeightsMissing(WeightsError):
    """The weight file is not there and cannot be fetched."""


class WeightsMismatch(WeightsError):
    """The weight file is not the one the manifest names."""


class UnknownModel(CxrError):
    """No model of this id; the message lists the valid ones."""


class UnknownMethod(CxrError):
    """No such explanation method, or a class the model does not have."""


class MapError(CxrError):
    """An explanation came out as nothing that could be shown."""


class StoreError(CxrError):
    """The database of readings cannot be used."""


class Cancelled(CxrError):
    """The reader cancelled a long computation."""


class TrainingError(CxrError):
    """A model cannot be trained from this data or configuration."""
