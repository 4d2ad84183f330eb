"""Reader first: every model's output stays hidden until the reader has recorded a reading of the film."""

from pages.shared.reader_first.desk import waiting
from pages.shared.reader_first.form import first_reading
from pages.shared.reader_first.panel import reminder, your_reading
from pages.shared.reader_first.summary import switch

__all__ = ["first_reading", "reminder", "switch", "waiting", "your_reading"]
