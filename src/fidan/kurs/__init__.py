"""What the chapters of the course share: comparing, showing source, text and a run to try things on, pictures.

The chapters (`kurs/*.py`) are Turkish, and so are the names and messages here that they use. What it leaves out:
everything a chapter is about, which is the library itself.
"""

from fidan.kurs.checks import esit_mi
from fidan.kurs.corpus import atilma_nedeni, huni
from fidan.kurs.curves import kayip_egrisi
from fidan.kurs.pictures import dikkat_haritasi
from fidan.kurs.progress import DefterBildirimi
from fidan.kurs.sample import kurs_klasoru, ornek_belgeler, ornek_calistirma, ornek_tokenlastirici
from fidan.kurs.source import kaynak

__all__ = [
    "DefterBildirimi",
    "atilma_nedeni",
    "dikkat_haritasi",
    "esit_mi",
    "huni",
    "kayip_egrisi",
    "kaynak",
    "kurs_klasoru",
    "ornek_belgeler",
    "ornek_calistirma",
    "ornek_tokenlastirici",
]
