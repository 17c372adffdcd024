"""The page: chat, continuation, law, a look inside the model and its training, in Turkish.

`mount` puts it on an app behind a gate (`gate`) that lets through only what the page needs; `page` lays out the
tabs, each in a file of its own. What it leaves out: decoding (`fidan.serving.batcher`) and the OpenAI-style API.
"""
