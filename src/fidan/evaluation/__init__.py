"""How good a model is: on text it has not seen, on grammar, on questions, and beside other models.

In reading order: ``subject`` (a model to be asked), ``texts`` (what is read to it); ``predictions`` (what it says of
given tokens), ``heldout`` (of whole documents), ``prefix_rows`` and ``scoring`` (of many short texts);
``pair_files`` and ``minimal_pairs``, with ``grammar`` (a set of our own); ``choice_items`` and ``choices``;
``answers`` and ``written_answers`` (of questions, the reference given and by the model alone);
``baselines`` (what needs no model); ``harness``, ``harness_data`` and ``harness_model`` (others' tasks);
``contamination`` (whether a model has read the answers); ``metrics`` (the numbers, and how sure they are).

``measure`` says what all of these have in common, ``measures`` makes one of each, ``standard`` takes those that are
asked for, ``evaluate`` runs them and writes the record, and ``report`` makes its page.
"""
