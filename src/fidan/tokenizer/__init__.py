"""Clean documents to a vocabulary, and the only class that encodes.

In the order of the data:

    train           a SentencePiece BPE model from a sample of the corpus
    tokenizer       text to ids and back, bytes a token, text streamed in whole characters
    hugging_face    the same tokenizer as tokenizer.json for Transformers, proved equal
    report          how well a tokenizer fits held-out text
"""
