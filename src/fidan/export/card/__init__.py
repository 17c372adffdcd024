"""The model card, in Turkish: `facts` are what it is made of, `writing` puts it together.

`about` tells what the model is, `usage` how to run it, `record` how it came about, `evaluation` how good it is;
`markdown` keeps foreign text from being taken for markup. What it leaves out: gathering the facts
(`fidan.provenance`).
"""
