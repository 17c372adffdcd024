"""Serving under load: `fidan serve` with many streaming clients, and beside its peers, one model, one run.

    python benchmarks/serving.py DIR                 # all of it, about 24 minutes
    python benchmarks/serving.py DIR --seconds 5 --memory-seconds 10 --peer-seconds 3   # a trial, two minutes

DIR is an exported Hugging Face folder of a decoder. Every client asks, greedily, for texts of `/v1/completions`, one
after the other without a pause, over one connection; prompts are of 3 to `--prompt-words` words of the package's own
Turkish and texts of 8 to `--new` tokens, both by a fixed seed. First each text is asked for alone; what comes under
load is held against that.

Load: of N clients, requests answered, 429s, other failures, texts that are not those of single requests, requests and
tokens a second, seconds to the first text and a token (p50, p95 over requests), how many cores' time clients and
server took. Memory: resident bytes of the server each second, and their slope, at 32 clients.

Peers take turns, twice each at 1 and at 8 clients, all servers idle but one, with the same number of threads: ours
(fp32, and int8), `transformers serve` (as it comes, and with continuous batching), llama.cpp's server at F16 and Q8_0
(in xllamacpp, which is compiled for AVX2; its cache of prompts off, since the same prompts come again). They have the
folder with other settings of generation: greedy, and no penalties, which continuous batching there leaves out. A text
ends where the model ends it, and tokens are those that each server counts; Transformers counts the `</s>`, and leaves
out the space that a text begins with, so texts are compared without it. Printed as Markdown; what is wrong is told,
with exit code 1 for a failure or another text of ours.
"""

import argparse
import asyncio
import json
import random
import tempfile
from pathlib import Path

import torch
import xxhash
from serving_clients import Failed, Job, Load, alone, drive, quantile, slope
from serving_servers import Command, Server, llama_cpp, ours, running, transformers

from fidan.corpus.synthetic.generator import generate
from fidan.export.formats import gguf_name, write_gguf_files
from fidan.hardware import device_name
from fidan.tokenizer.tokenizer import Tokenizer

PEERS = ("fidan", "fidan-int8", "transformers", "transformers-batching", "llama.cpp-F16", "llama.cpp-Q8_0")
MEMORY_CLIENTS = 32
SETTLED = 0.2  # of the time, after which memory has to be flat: pools and caches have filled


def make_jobs(count: int, most_words: int, most_tokens: int) -> list[Job]:
    """Prompts of many lengths, with texts of many lengths; the same in every run."""
    draws = random.Random(8)
    words = [word for document in generate(8, 200_000) for word in document.text.split()]
    jobs = []
    for number in range(count):
        start = draws.randrange(len(words) - most_words)
        length = round(3 * (most_words / 3) ** (number / max(1, count - 1)))
        jobs.append(Job(" ".join(words[start : start + length]), draws.randint(8, most_tokens)))
    draws.shuffle(jobs)
    return jobs


def measure(server: Server, jobs: list[Job], clients: int, seconds: float) -> tuple[Load, float]:
    """What clients see, and how many cores the server keeps busy meanwhile."""
    worked = server.processor_seconds()
    command = server.command
    load = asyncio.run(drive(server.port, command.model, command.extra, jobs, clients, seconds, server.memory))
    return load, (server.processor_seconds() - worked) / seconds


def alone_texts(server: Server, jobs: list[Job]) -> list[str]:
    """The text of each job by itself."""
    try:
        told = asyncio.run(alone(server.port, server.command.model, server.command.extra, jobs))
    except Failed as failed:
        raise SystemExit(f"{server.command.name}: {failed}\n{server.said()}") from None
    return [one.text for one in told]


def milliseconds(values: list[float]) -> str:
    """p50 and p95."""
    return f"{quantile(values, 0.5) * 1e3:,.1f} / {quantile(values, 0.95) * 1e3:,.1f}"


def row(*cells: object) -> None:
    """A line of a table."""
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


def header(*cells: str) -> None:
    """The head of a table."""
    print()
    row(*cells)
    row(*["---", *["---:"] * (len(cells) - 1)])


def plain_folder(folder: Path, place: Path) -> Path:
    """The same model, written greedily and without penalties."""
    place.mkdir()
    for file in folder.iterdir():
        if file.name != "generation_config.json":
            (place / file.name).symlink_to(file)
    told = json.loads((folder / "generation_config.json").read_text(encoding="utf-8"))
    settings = {key: value for key, value in told.items() if key.endswith("_token_id")}
    text = json.dumps({**settings, "do_sample": False, "repetition_penalty": 1.0})
    (place / "generation_config.json").write_text(text, encoding="utf-8")
    return place


def load_table(server: Server, jobs: list[Job], texts: list[str], arguments: argparse.Namespace) -> list[str]:
    """Measure and print the load; what went wrong."""
    header(
        "clients", "requests", "failures", "429", "other texts", "requests/s", "tokens/s", "first text, ms p50 / p95",
        "a token, ms p50 / p95", "cores: server", "cores: clients",
    )  # fmt: skip
    wrong = []
    for clients in arguments.clients:
        load, cores = measure(server, jobs, clients, arguments.seconds)
        other = load.mismatches(texts)
        row(
            clients, f"{len(load.told):,}", len(load.failures), f"{load.refused:,}", other,
            f"{len(load.told) / load.seconds:.2f}", f"{load.tokens_a_second:,.0f}", milliseconds(load.first_tokens()),
            milliseconds(load.token_times()), f"{cores:.2f}", f"{load.busy:.2f}",
        )  # fmt: skip
        wrong += [f"{clients} clients: {failure}" for failure in load.failures]
        wrong += [f"{clients} clients: {other} texts are not those of single requests"] * bool(other)
    return wrong


def memory_table(server: Server, jobs: list[Job], texts: list[str], seconds: float) -> list[str]:
    """Measure and print the memory; what went wrong."""
    load, _ = measure(server, jobs, MEMORY_CLIENTS, seconds)
    later = [(when, size / 2**20) for when, size in load.memory if when >= SETTLED * seconds]
    sizes = [size / 2**20 for _, size in load.memory]
    header(
        "memory, MiB", "at first", f"after {SETTLED:.0%}", "greatest", "at last", "slope, MiB a minute", "requests"
    )
    row(
        f"{MEMORY_CLIENTS} clients, {seconds:.0f} s", f"{sizes[0]:,.1f}", f"{later[0][1]:,.1f}", f"{max(sizes):,.1f}",
        f"{sizes[-1]:,.1f}", f"{60 * slope(later):+.3f}", f"{len(load.told):,}",
    )  # fmt: skip
    other = load.mismatches(texts)
    return [f"memory: {failure}" for failure in load.failures] + [f"memory: {other} other texts"] * bool(other)


def peer_command(name: str, folder: Path, files: Path, arguments: argparse.Namespace) -> Command:
    """How one of `PEERS` is started."""
    maker, _, kind = name.partition("-")
    if maker == "fidan":
        return ours(folder, arguments.slots, kind or "auto")
    if maker == "transformers":
        return transformers(folder, kind == "batching")
    return llama_cpp(files / gguf_name("model", kind), kind, arguments.slots, arguments.threads)


def peer_table(
    servers: list[Server], jobs: list[Job], own: dict[str, list[str]], arguments: argparse.Namespace
) -> list[str]:
    """Let the servers take turns; print tokens a second, and ours as a multiple; what went wrong."""
    wrong: list[str] = []
    rates: dict[tuple[str, int], list[float]] = {}
    loads: dict[tuple[str, int], list[Load]] = {}
    for _ in range(arguments.rounds):
        for clients in (1, 8):
            for server in servers:
                load, _ = measure(server, jobs, clients, arguments.peer_seconds)
                key = server.command.name, clients
                rates.setdefault(key, []).append(load.tokens_a_second)
                loads.setdefault(key, []).append(load)
                wrong += [f"{server.command.name}, {clients} clients: {failure}" for failure in load.failures[:3]]
    header(
        "server", "tokens/s, 1 client", "fidan / it", "tokens/s, 8 clients", "fidan / it", "8 / 1",
        "first text, ms p50, 1 / 8", "texts as fidan's alone",
    )  # fmt: skip
    for server in servers:
        name = server.command.name
        one, eight = (sum(rates[name, clients]) / arguments.rounds for clients in (1, 8))
        mine = [sum(rates["fidan", clients]) / arguments.rounds for clients in (1, 8)]
        firsts = [
            f"{1e3 * quantile([t for load in loads[name, clients] for t in load.first_tokens()], 0.5):,.0f}"
            for clients in (1, 8)
        ]
        told = [load for clients in (1, 8) for load in loads[name, clients]]
        count = sum(len(load.told) for load in told)
        same = count - sum(load.mismatches(own["fidan"]) for load in told)
        row(
            name, _both(rates[name, 1]), _ratio(mine[0], one), _both(rates[name, 8]), _ratio(mine[1], eight),
            _ratio(eight, one), " / ".join(firsts), f"{same:,} of {count:,}",
        )  # fmt: skip
        other = sum(load.mismatches(own[name]) for load in told) if name.startswith("fidan") else 0
        wrong += [f"{name}: {other} texts are not those of single requests"] * bool(other)
    return wrong


def _both(rates: list[float]) -> str:
    return f"{sum(rates) / len(rates):,.0f} ({', '.join(f'{rate:,.0f}' for rate in rates)})"


def _ratio(above: float, below: float) -> str:
    return f"{above / below:.2f}" if below else "–"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="an exported Hugging Face folder")
    parser.add_argument("--clients", type=int, nargs="*", default=[1, 8, 32, 128], help="none: no load table")
    parser.add_argument("--seconds", type=float, default=120, help="of each number of clients")
    parser.add_argument("--memory-seconds", type=float, default=600, help="0: no memory table")
    parser.add_argument("--peers", nargs="*", default=list(PEERS), choices=[*PEERS, []], help="none: no peers")
    parser.add_argument("--peer-seconds", type=float, default=10, help="of each turn")
    parser.add_argument("--rounds", type=int, default=2, help="of the peers' turns")
    parser.add_argument("--jobs", type=int, default=48, help="different requests")
    parser.add_argument("--prompt-words", type=int, default=80, help="of the longest prompt")
    parser.add_argument("--new", type=int, default=96, help="tokens of the longest text")
    parser.add_argument("--slots", type=int, default=8, help="texts that ours and llama.cpp's server write at once")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    jobs = make_jobs(arguments.jobs, arguments.prompt_words, arguments.new)
    tokenizer = Tokenizer.load(folder)
    lengths = sorted(len(tokenizer.encode(job.prompt, bos=True)) for job in jobs)
    weights = xxhash.xxh3_64((folder / "model.safetensors").read_bytes()).hexdigest()
    print(
        f"{arguments.folder} (weights {weights}) on {device_name(torch.device('cpu'))}, "
        f"{arguments.threads} threads, {arguments.slots} slots; {len(jobs)} requests with prompts of {lengths[0]} to "
        f"{lengths[-1]} tokens (median {lengths[len(lengths) // 2]}) and texts of 8 to {arguments.new}"
    )
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as place:
        files = Path(place)
        with running([ours(folder, arguments.slots)], arguments.threads, files) as (server,):
            texts = alone_texts(server, jobs)
            if arguments.clients:
                wrong += load_table(server, jobs, texts, arguments)
            if arguments.memory_seconds:
                wrong += memory_table(server, jobs, texts, arguments.memory_seconds)
        if arguments.peers:
            plain = plain_folder(folder, files / "model")
            kinds = [name.partition("-")[2] for name in arguments.peers if name.startswith("llama.cpp")]
            if kinds:
                write_gguf_files(plain, kinds, files, "model", lambda text: None)
            names = ["fidan", *(name for name in arguments.peers if name != "fidan")]
            commands = [peer_command(name, plain, files, arguments) for name in names]
            with running(commands, arguments.threads, files) as servers:
                own = {}
                for one in servers:  # of others only some, so that what is done once is done
                    mine = one.command.name.startswith("fidan")
                    own[one.command.name] = alone_texts(one, jobs if mine else jobs[:4])
                wrong += peer_table(servers, jobs, own, arguments)
    if wrong:
        print("\nWrong:")
        for one in sorted(set(wrong))[:20]:
            print(f"- {wrong.count(one)} × {one}")
        raise SystemExit(1)


if __name__ == "__main__":
    main()
