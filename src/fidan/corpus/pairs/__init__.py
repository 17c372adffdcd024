"""Question-answer pairs: a set from where it is to train, validation and test without a leak.

pair     a question, its answer, perhaps the text it rests on; when two texts are the same
read     rows to pairs, and what was left out
split    groups that share an answer or a question, each whole in one split
report   what there is, in figures
"""
