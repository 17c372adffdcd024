"""An evaluation on one page, and its verdict in a few lines.

`page` puts the page together, `terminal` the lines, `verdict` says by stated rules what the figures amount to, the
other files are its sections. What it leaves out: measuring; all of it is read from the record (`evaluation.json`).
"""

from fidan.evaluation.report.page import write_page
from fidan.evaluation.report.terminal import summary_lines

__all__ = ["summary_lines", "write_page"]
