"""What an index on disk consists of: names, fields, sizes, and how a term is found in it.

What it leaves out: writing it (`fidan.law.index_writing`) and reading it (`fidan.law.index`).
"""

import xxhash

NAME = "fidan law index"
FORMAT = 2
"""Raised when the files change, so that an older index is refused and not misread."""
MANIFEST = "manifest.json"
FIELDS = ("heading", "title", "section", "body", "everyday")
VECTORS = "vectors.npy"
MEAN = "vectors_mean.npy"
WHITENING = "vectors_whitening.npy"
FRAME = 32  # articles compressed together: small enough to open one quickly, large enough to compress well


def term_key(term: str) -> int:
    """The 64-bit hash by which a term is found."""
    return xxhash.xxh3_64_intdigest(term.encode())
