"""Learning: packed tokens in, weights out.

`packing` and `packed_tokens` hold the text as memory-mapped ids, `batches` says which of them come when, `loss`,
`optimizer` and `schedule` are the step, `checkpoint` and `log` remember, and `trainer` is the loop that uses them.
"""
