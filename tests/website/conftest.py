"""The site's machinery is no part of the package: `dev` is where it is imported from."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "dev"))
