"""A time-stamping authority over HTTP (RFC 3161): ``openssl ts -reply`` behind a small server, with a root of its own."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.servers import need

CONFIG = """
[tsa]
default_tsa = it
[it]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
certs = {certs}
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
[stamps]
extendedKeyUsage = critical,timeStamping
[root]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
[ca]
default_ca = mine
[mine]
database = index.txt
default_md = sha256
default_crl_days = 3650
crlnumber = crlnumber
"""


@dataclass
class Authority:
    """An authority in a folder; ``plan`` is what it does with the next questions: a status, or an answer of its own."""

    folder: Path
    port: int = 0
    plan: list[int | bytes] = field(default_factory=list)
    asked: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/tsa"

    @property
    def chain(self) -> bytes:
        """What it is believed by."""
        return (self.folder / "root.pem").read_bytes()

    @property
    def revoked(self) -> bytes:
        """The same, with a list on which its certificate stands."""
        self._openssl("ca -config tsa.cnf -cert root.pem -keyfile root.key -revoke tsa.pem")
        self._openssl("ca -config tsa.cnf -cert root.pem -keyfile root.key -gencrl -out root.crl")
        return self.chain + (self.folder / "root.crl").read_bytes()

    @property
    def unrevoked(self) -> bytes:
        """The same, with a list on which nobody stands."""
        self._openssl("ca -config tsa.cnf -cert root.pem -keyfile root.key -gencrl -out empty.crl")
        return self.chain + (self.folder / "empty.crl").read_bytes()

    def reply(self, question: bytes) -> bytes:
        """What it answers."""
        (self.folder / "question.tsq").write_bytes(question)
        self._openssl("ts -reply -config tsa.cnf -queryfile question.tsq -out answer.tsr")
        return (self.folder / "answer.tsr").read_bytes()

    def _openssl(self, words: str) -> None:
        command = ["openssl", *words.split()]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)

    def certify(self, days: int = 3650, *, loose: bool = False) -> None:
        """Make its certificate; ``loose``: its answers bring the chain, which is not strict DER then."""
        (self.folder / "tsa.cnf").write_text(CONFIG.format(certs="root.pem" if loose else "none.pem"))
        (self.folder / "none.pem").write_text("")
        if not loose:
            told = (self.folder / "tsa.cnf").read_text().replace("certs = none.pem\n", "")
            (self.folder / "tsa.cnf").write_text(told)
        key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config tsa.cnf"
        self._openssl(f"req -x509 {key} -keyout root.key -out root.pem -subj /CN=root -days 3650 -extensions root")
        self._openssl(f"req {key} -keyout tsa.key -out tsa.csr -subj /CN=tsa")
        sign = "x509 -req -in tsa.csr -CA root.pem -CAkey root.key -CAcreateserial -out tsa.pem"
        self._openssl(f"{sign} -days {days} -extfile tsa.cnf -extensions stamps")


def made(folder: Path, days: int = 3650, *, loose: bool = False) -> Authority:
    """An authority that nobody can reach yet."""
    need("openssl", "openssl")
    folder.mkdir()
    for name, content in {"serial": "01\n", "index.txt": "", "crlnumber": "01\n"}.items():
        (folder / name).write_text(content)
    authority = Authority(folder)
    authority.certify(days, loose=loose)
    return authority


@contextmanager
def serving(authority: Authority) -> Iterator[Authority]:
    """Let it answer over HTTP."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = self.rfile.read(int(self.headers["Content-Length"]))
            authority.asked.append(question)
            told = authority.plan.pop(0) if authority.plan else authority.reply(question)
            self.send_response(told if isinstance(told, int) else 200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            if isinstance(told, bytes):
                self.wfile.write(told)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        authority.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield authority
        finally:
            server.shutdown()
            thread.join()
