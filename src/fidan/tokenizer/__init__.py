"""Clean documents to a vocabulary, and texts to ids and back.

In the order of the data:

    train           a SentencePiece BPE model from a sample of the corpus
    tokenizer       text to ids and back, bytes a token, text streamed in whole characters
    encoders        many texts to one row of ids, by the fast encoder or by SentencePiece, and which of them
    fast_encoder    SentencePiece's merges as a compiled loop that remembers words
    hugging_face    the same tokenizer as tokenizer.json for Transformers, proved equal
    spans           where tokens stand in a text, and what a tokenizer must tell to be measured
    pairs           questions and answers as ids: what an encoder reads, what a decoder writes, the shift by one
    auto            any tokenizer of Transformers, for such pairs
    foreign         any tokenizer.json, so that it can be measured beside ours
    morphology      whether tokens end where Turkish suffixes begin
    report          how well a tokenizer fits held-out text
"""
