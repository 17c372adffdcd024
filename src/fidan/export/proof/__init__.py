"""The proof that an export is the model: `verify` asks every program, and makes a table of the answers.

`runtimes` are the programs, `compare` and `gguf_logits` what they are asked, `files` and `gguf_file` what is on disk,
`hostile` the texts, `rows` the verdicts; `seq2seq` and `answers` are programs and questions of an encoder-decoder.
"""
