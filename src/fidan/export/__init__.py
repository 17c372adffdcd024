"""The model for other programs.

`hugging_face` writes a folder, `verify` proves it equal to what was trained; `gguf` and `quantize` make files for
llama.cpp of it, `ollama` its Modelfile; `formats` does what a recipe asks for.
"""
