"""A Hugging Face Hub of our own: enough of its protocol to receive a repository, on a port of this machine."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class FakeHub:
    """What was asked of it, and what it holds.

    Attributes:
        endpoint: its address.
        repositories: what was created, by name, as asked.
        branches: what was made beside main.
        files: the content of the last commit, by name.
        stored: large files, by SHA-256.
        refuse: path to status, for requests it shall refuse.
    """

    endpoint: str = ""
    repositories: dict[str, dict[str, Any]] = field(default_factory=dict)
    branches: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    stored: dict[str, bytes] = field(default_factory=dict)
    refuse: dict[str, int] = field(default_factory=dict)

    def answer(self, path: str, body: bytes) -> Any:
        """The JSON for a POST."""
        if path == "/api/repos/create":
            asked = json.loads(body)
            name = f"{asked.get('organization') or 'ayse'}/{asked['name']}"
            self.repositories[name] = asked
            return {"url": f"{self.endpoint}/{name}"}
        if path == "/api/validate-yaml":
            return {"errors": [], "warnings": []}
        if "/preupload/" in path:
            asked = json.loads(body)["files"]
            return {
                "files": [{**file, "uploadMode": self.mode(file["path"]), "shouldIgnore": False} for file in asked]
            }
        if path.endswith("/info/lfs/objects/batch"):
            asked = json.loads(body)["objects"]
            actions = [{"upload": {"href": f"{self.endpoint}/store/{file['oid']}"}} for file in asked]
            return {
                "transfer": "basic",
                "objects": [{**file, "actions": action} for file, action in zip(asked, actions, strict=True)],
            }
        if "/branch/" in path:
            self.branches.append(path.rpartition("/")[2])
            return {}
        assert "/commit/" in path, path
        for line in map(json.loads, body.splitlines()):
            value = line["value"]
            if line["key"] == "file":
                self.files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                self.files[value["path"]] = self.stored[value["oid"]]
        repository = path.removeprefix("/api/models/").partition("/commit/")[0]
        return {"commitUrl": f"{self.endpoint}/{repository}/commit/{'0' * 40}", "commitOid": "0" * 40}

    @staticmethod
    def mode(path: str) -> str:
        """Whether a file goes with the commit or is stored apart."""
        return "lfs" if path.endswith((".safetensors", ".model")) else "regular"


@contextmanager
def running_hub() -> Iterator[FakeHub]:
    """A hub that answers."""
    fake = FakeHub()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            path, body = self.path.partition("?")[0], self.body()
            assert self.headers["Authorization"] == "Bearer hf_secret"
            status = fake.refuse.get(path, 200)
            self.reply(status, {"error": "refused by the test"} if status != 200 else fake.answer(path, body))

        def do_GET(self) -> None:
            self.reply(404, {"error": "not here"})

        def do_PUT(self) -> None:
            fake.stored[self.path.rpartition("/")[2]] = self.body()
            self.reply(200, {})

        def body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers["Content-Length"]))
            chunks = []
            while size := int(self.rfile.readline(), 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)

        def reply(self, status: int, value: Any) -> None:
            content = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        fake.endpoint = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield fake
        server.shutdown()
        thread.join()
