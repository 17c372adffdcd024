"""A chat in the programs that read an export: the ids of conversations, and what ends an answer.

Each program fills the template that is stored for it, and its ids are held against `fidan.tokenizer.chat`'s. A GGUF
file's template is filled by Transformers, which has Jinja; llama.cpp then reads the text as its server does: names of
control symbols are symbols, and the template's own `<s>` is not put there twice. What it leaves out: texts that hold
such names (they are symbols there and plain text here, as `fidan.tokenizer.chat` tells), and Ollama's template, which
only Ollama can fill.
"""

from collections.abc import Sequence
from pathlib import Path

from fidan.artifact import read_json
from fidan.corpus.conversations.conversation import Conversation, Message
from fidan.errors import FidanError
from fidan.export.hugging_face import CHAT_TEMPLATE, chat_template_of
from fidan.export.proof.gguf_file import GgufFile
from fidan.export.proof.rows import Row, exact, failed
from fidan.export.proof.runtimes import GgufRuntime, TransformersTokenizer
from fidan.tokenizer.chat import JINJA, SYSTEM, chat_ends, encode_conversation, encode_prompt
from fidan.tokenizer.hugging_face import TOKENIZER_CONFIG
from fidan.tokenizer.tokenizer import SPACE, Tokenizer

GENERATION_CONFIG = "generation_config.json"


def _talk(*texts: str, system: str = "") -> Conversation:
    lead = (Message("system", system),) if system else ()
    turns = (Message("assistant" if place % 2 else "user", text) for place, text in enumerate(texts))
    return (*lead, *turns)


CONVERSATIONS = (
    _talk("Merhaba!"),
    _talk("Merhaba!", "Merhaba, nasıl yardımcı olabilirim?", "IĞDIR'da ılık\n\n2 + 2 = 4 mü?", system=SYSTEM),
    _talk("  iki boşluk,\tsekme, sonda boşluk ", "\nsatır başı\r\n", "👩‍🌾🇹🇷 漢字 i\u0307 \u00a0", " ", system=" "),
    _talk("<b>{{ bos_token }}</b> {% raw %}", "'tek' \"çift\" \\n `kod`", f"{SPACE}x", "0123456789"),
    _talk("", "", "user\nassistant\n<|im_ end|>", "<|im_"),
)  # fmt: skip


def check_template(folder: Path, tokenizer: Tokenizer, chats: bool) -> list[Row]:
    """The template in both of its places and the ids that end an answer: there for a model that chats, else not.

    Args:
        folder: a Hugging Face folder.
        tokenizer: of the trained model.
        chats: whether that was taught to chat.
    """
    try:
        found = [chat_template_of(folder), read_json(folder / TOKENIZER_CONFIG).get("chat_template")]
        path = folder / GENERATION_CONFIG
        ends = read_json(path).get("eos_token_id") if path.is_file() else None
    except (FidanError, OSError) as error:
        return [failed("chat template", folder.name, error)]
    wanted = JINJA if chats else None
    rows = [
        exact("chat template", folder.name, "places", [wanted, wanted], found, [CHAT_TEMPLATE, TOKENIZER_CONFIG]),
    ]
    if chats:
        expected = [list(chat_ends(tokenizer))]
        rows.append(exact("ends of an answer", GENERATION_CONFIG, "settings", expected, [ends], ["eos_token_id"]))
    return rows


def compare_chats(runtime: TransformersTokenizer, tokenizer: Tokenizer) -> Row:
    """The ids of conversations in Transformers, each to learn from and to be answered.

    Args:
        runtime: the folder, with its own template.
        tokenizer: ours.
    """
    found = [
        runtime.chat(conversation, answer) for answer in (False, True) for conversation in CONVERSATIONS
    ]  # in the order of `_expected`
    return exact("chat", runtime.name, "conversations", _expected(tokenizer), found, _names())


def compare_gguf_chats(
    runtime: GgufRuntime, file: GgufFile, renderer: TransformersTokenizer, tokenizer: Tokenizer
) -> Row:
    """The ids of conversations in llama.cpp, by the template in the file.

    Args:
        runtime: the file, opened.
        file: the file, read.
        renderer: fills the template.
        tokenizer: ours.
    """
    template = file.setting("tokenizer.chat_template")
    if not isinstance(template, str):
        return failed("chat", runtime.name, FidanError("the file has no chat template"))
    texts = [
        renderer.rendered(conversation, answer, template)
        for answer in (False, True)
        for conversation in CONVERSATIONS
    ]
    bos = tokenizer.piece(tokenizer.bos_id)
    found = runtime.ids([text.removeprefix(bos) for text in texts], symbols=True)
    return exact("chat", runtime.name, "conversations", _expected(tokenizer), found, _names())


def _expected(tokenizer: Tokenizer) -> list[list[int]]:
    whole = [encode_conversation(tokenizer, conversation).ids for conversation in CONVERSATIONS]
    return whole + [
        encode_prompt(tokenizer, each, len(ids) + 64).ids for each, ids in zip(CONVERSATIONS, whole, strict=True)
    ]


def _names() -> Sequence[str]:
    return [" / ".join(message.content for message in each) for each in CONVERSATIONS] * 2
