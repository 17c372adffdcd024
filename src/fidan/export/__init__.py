"""The model for other programs, in the order it is made.

`hugging_face` writes a folder, `repository` (with `card` and `licence`) what belongs beside the model, `verify`
proves it equal to what was trained, `sums` seals it, `push` uploads it.
"""
