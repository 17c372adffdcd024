"""Raw text to clean, deduplicated documents, split into train and valid.

In the order of the data:

    config       every setting, with the source of every threshold
    utf8, characters, tables
                 what compiled loops read: a text's bytes, what a character is, words by their hashes
    sources/     raw text from where it is to shards of documents; fetching it
    synthetic/   text made here, with planted noise, for demos and tests
    cleaning/    what is done to a text: letters, HTML, white space, boilerplate lines, personal data
    filters/     why a document is dropped: length, language, quality, repetition, evaluations, perplexity
    duplicates/  what is compared over all documents: lines, equal and near documents
    pairs/       question-answer sets: read, split without a leak; a source of their own, apart from the documents
    conversations/
                 what a chat model learns from, likewise
    rows, splits what both are made of: rows of files, groups that stay whole
    steps        the list of steps a document walks through, in one place
    shard_steps  the two ends of every phase: a shard in, a shard out
    documents    the files the stage leaves, and how the next stages read them
    ledger       what a task dropped, and why, with samples
    flow         what went through every step, and how long it took
    tasks        a shard through the steps, on this machine, Ray or Slurm (executors/)
    judge        what is said of all documents together
    pipeline     the stage itself: read, clean, lines, filter, judge, write
    report       the counts; report_page the page to read
"""
