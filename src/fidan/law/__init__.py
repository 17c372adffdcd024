"""Turkish law: statutes read into articles, citations, a search index, and what answers from it.

The way of a law: `statutes` reads files, `parsing` cuts a text into articles, `names` and `citations` know how
people call them, `index` writes and opens the index on disk, `search` asks it.
"""
