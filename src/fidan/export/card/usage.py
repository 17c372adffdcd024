"""The part of a model card that is copied into a terminal: the model in each program that runs it.

The card is written before anyone knows the name of the repository on the Hub; it stands as `KULLANICI/NAME` until
`fidan.export.push` puts the real one in. What it leaves out: other servers, which take the same folder.
"""

import json
import re
import shlex

from fidan.export.card.facts import CardFacts
from fidan.export.card.markdown import fence

OWNER = "KULLANICI"
_ASCII = str.maketrans("çÇğĞıİöÖşŞüÜâÂîÎûÛ", "cCgGiIoOsSuUaAiIuU")
_PROMPT, _QUESTION = "Bugün hava", "Kira sözleşmesi nedir?"


def repository_name(name: str) -> str:
    """A model's name in the letters that the Hub allows: `Türkçe model` is `Turkce-model`."""
    kept = re.sub("[^A-Za-z0-9_.]+", "-", name.translate(_ASCII))
    single = re.sub(r"([.-])[.-]+", r"\1", kept)[:64]
    return re.sub(r"^[-._]+|(\.git|[-._])+$", "", single) or "model"


def with_repository(card: str, repository: str) -> str:
    """A card whose commands name a repository of the Hub."""
    return re.sub(rf"\b{OWNER}/[\w.-]*\w", repository, card)


def commands(facts: CardFacts, files: frozenset[str]) -> str:
    """How to run it.

    Args:
        facts: of the model.
        files: what the folder holds, by name.
    """
    name = repository_name(facts.name)
    prompts = [sample.prompt for sample in facts.samples]
    usual = _QUESTION if facts.encoder else _PROMPT
    prompt = next((prompt for prompt in prompts if prompt.isprintable() and len(prompt) <= 60), usual)
    fetch = f"hf download {OWNER}/{name} --local-dir {name}"
    if facts.encoder:
        others = ["### CTranslate2", _ctranslate2(facts, name, prompt)]
        others += ["GGUF dosyası yoktur: llama.cpp ve Ollama bu yapıyı tanımaz."]
    else:
        others = ["### llama.cpp", fence(_llama_cpp(facts, name, prompt), "sh")]
        others += ["### Ollama", _ollama(facts, name, prompt, files)]
    return "\n\n".join(
        [
            "## Çalıştırma",
            "### Transformers",
            fence(_transformers(facts, name, prompt), "python"),
            "Örnekleme ayarları `generation_config.json` dosyasındadır; `generate` çağrısında verilen ayar onların "
            "yerine geçer. Aşağıdaki araçlar klasörün kendisini ister:",
            fence(fetch, "sh"),
            *others,
            "### fidan",
            fence(f"fidan generate --model {name} {shlex.quote(prompt)}", "sh"),
        ]
    )


def _transformers(facts: CardFacts, name: str, prompt: str) -> str:
    text = json.dumps(prompt, ensure_ascii=False)
    kind = "AutoModelForSeq2SeqLM" if facts.encoder else "AutoModelForCausalLM"
    if facts.chat:
        ask = (
            f'mesajlar = [{{"role": "user", "content": {text}}}]\n'
            "girdi = tok.apply_chat_template(\n"
            '    mesajlar, add_generation_prompt=True, return_tensors="pt", return_dict=True\n)'
        )
    else:
        ask = f'girdi = tok({text}, return_tensors="pt")'
    return (
        f"from transformers import {kind}, AutoTokenizer\n\n"
        f'ad = "{OWNER}/{name}"  # ya da indirilmiş klasörün yolu\n'
        "tok = AutoTokenizer.from_pretrained(ad)\n"
        f"model = {kind}.from_pretrained(ad)\n\n"
        f"{ask}\n"
        "cikti = model.generate(**girdi)\n"
        "print(tok.decode(cikti[0], skip_special_tokens=True))"
    )


def _ctranslate2(facts: CardFacts, name: str, prompt: str) -> str:
    if not facts.model.tie_embeddings:
        return "CTranslate2 çıkış katmanı ayrı olan bir modeli doğru çalıştırmaz."
    out = f"{name}-ct2"
    if facts.model.rope_theta == 10_000:
        convert, folder = f"ct2-transformers-converter --model {name} --output_dir {out}", out
    else:  # its own converter does not find another base of the rotation
        convert, folder = f"fidan export {name} --out {out} --to ctranslate2", f"{out}/ctranslate2"
    answer = (
        "import ctranslate2\n"
        "from transformers import AutoTokenizer\n\n"
        f'tok = AutoTokenizer.from_pretrained("{name}")\n'
        f'model = ctranslate2.Translator("{folder}")\n'
        f"girdi = tok.convert_ids_to_tokens(tok({json.dumps(prompt, ensure_ascii=False)}).input_ids)\n"
        "cikti = model.translate_batch([girdi], beam_size=1, max_input_length=0)[0].hypotheses[0]\n"
        "print(tok.decode(tok.convert_tokens_to_ids(cikti)))"
    )
    return f"{fence(convert, 'sh')}\n\n{fence(answer, 'python')}"


def _llama_cpp(facts: CardFacts, name: str, prompt: str) -> str:
    convert = f"python llama.cpp/convert_hf_to_gguf.py {name} --outfile {name}-f16.gguf --outtype f16"
    count = min(128, facts.model.context // 2)
    tool = "llama-cli" if facts.chat else f"llama-completion -no-cnv -n {count}"
    return f"{convert}  # llama.cpp: kaynak kodu\n{tool} -m {name}-f16.gguf -p {shlex.quote(prompt)}"


def _ollama(facts: CardFacts, name: str, prompt: str, files: frozenset[str]) -> str:
    run = fence(f"cd {name}\nollama create {name} -f Modelfile\nollama run {name} {shlex.quote(prompt)}", "sh")
    if "Modelfile" in files:
        return run
    modelfile = f'FROM .\nTEMPLATE """{{{{ .Prompt }}}}"""\nPARAMETER num_ctx {facts.model.context}'
    return f"Klasöre `Modelfile` adıyla şunu koyun:\n\n{fence(modelfile)}\n\n{run}"
