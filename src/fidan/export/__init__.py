"""The model for other programs.

`hugging_face` writes a folder; `gguf` and `quantize` make files for llama.cpp of it, `ollama` its Modelfile;
`formats` does what a recipe asks for.

`verify` proves them equal to what was trained: `runtimes` are the programs it asks, `compare` and `gguf_proof` hold
them against ours, `files` and `gguf_file` look at what is on disk, `hostile` has the texts.
"""
