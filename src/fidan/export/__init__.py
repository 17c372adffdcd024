"""The model for other programs, in the order it is made.

`hugging_face` writes a folder, `repository` (with `card/` and `licence`) what belongs beside it, `sums` seals it,
`push` uploads it. `gguf` and `quantize` make files for llama.cpp of it, `ollama` its Modelfile; `formats` does what a
recipe asks for. `llama` and `t5gemma` are what the two models are called there; `ctranslate2` runs the second one.
`proof/` holds all of it equal to what was trained; `foreign/` is the way in, for others' weights.
"""
