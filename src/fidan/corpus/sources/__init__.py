"""Raw text from where it is to shards of documents."""
