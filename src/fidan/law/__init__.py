"""Turkish law: statutes read into articles, citations, a search index, and what answers from it.

The way of a law: `statutes` reads files, `parsing` cuts a text into articles, `names` and `citations` know how
people call them, `index` writes and opens the index on disk, `search` asks it. With a trained encoder, `encoding` and
`vectors` give each article a vector, and `fusion` ranks by them, too.

The way of a question: `elsewhere` and `scope` say whether it is one for these laws; `sources` takes the articles from
`search`, `definitions` and `fit`; `units`, `sentences` and `extract` take the answer out of them, or `writing` lets a
model write it and `support` checks it; `assistant` is all of that in a row. `summarize` and `summary` shorten;
`questions` and `evaluate` measure. docs/law.md says how well.
"""
