"""A page that stands alone: no network, no script, no other file; for a phone and on paper, light and dark.

`frame` is the page, `text` its words and numbers, `curves` its lines over the course of something, `bars` its bars,
with whiskers where they are measured. What it leaves out: the reports themselves (`fidan.corpus.report_page`,
`fidan.training.report`, `fidan.evaluation.report`).
"""
