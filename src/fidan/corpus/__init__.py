"""Raw text to clean, deduplicated documents, split into train and valid.

In the order of the data:

    streams      files as blocks of bytes: plain, .gz, .xz, .zst; truncation is an error
    readers      one function a format: CC100, JSONL, Parquet, folder, Hugging Face, synthetic
    sources      what a recipe names as a source: its label, its reader, its hash, its size
    synthetic/   text made here, with planted noise, for demos and tests
    normalize    one spelling of white space, line ends and letters
    filters      why a document is dropped: broken bytes, length, language
    steps        the list of steps a document walks through, in one place
    ledger       what a task dropped, and why, with samples
    tasks        a shard through the steps on datatrove's local executor
    dedup        exact duplicates over all shards, and the split
    documents    the files the stage leaves, and how the next stages read them
    pipeline     the stage itself: read, clean, deduplicate, write
"""
