"""llama.cpp as a library, whichever is installed: `opening` opens a GGUF with `native` or, without it, `server`."""
