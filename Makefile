# Every target sets up what it needs; the first run of any of them makes .venv from the hash-locked requirements.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SEED ?= 1
SIZE ?= small
OUT ?= demo-out

.DEFAULT_GOAL := help
.PHONY: help demo check test look seeds late docs mutants faults reperformed tamper bench lock

help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ :/'

$(VENV)/.ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	touch $@

demo: $(VENV)/.ready ## a synthetic group, from its systems' exports to book, report and pack
	rm -rf $(OUT)
	$(BIN)/tenken demo --seed $(SEED) --size $(SIZE) --out $(OUT)

check: $(VENV)/.ready ## format, lint, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# It copies thousands of homes: in memory, where a disk of it has room.
test: export TMPDIR ?= $(shell df --output=avail -B1G /dev/shm 2>/dev/null | awk 'NR == 2 && $$1 >= 8 { room = "/dev/shm" } END { print room ? room : "/tmp" }')
test: $(VENV)/.ready ## the whole suite, against real servers
	./tests/needs.sh sshd:openssh-server openssl:openssl /usr/lib/postgresql:postgresql chromium:chromium strace:strace
	$(BIN)/pytest --numprocesses auto --dist loadfile

look: $(VENV)/.ready ## every template, export, report and page: opened without repair, and as pictures on one sheet
	./tests/needs.sh soffice:libreoffice-calc chromium:chromium pdftoppm:poppler-utils \
	  /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc:fonts-noto-cjk
	$(BIN)/pytest tests/look
	[ -e $(OUT)/planted.json ] || $(MAKE) demo
	rm -rf look-out
	$(BIN)/python -m tests.look $(OUT) look-out

seeds: $(VENV)/.ready ## the demo of twenty seeds (SIZE=small or group): found = planted, each time
	$(BIN)/python -m tests.seeds $(SIZE) 1 20

late: $(VENV)/.ready ## evidence that comes after the judging: restated, the first result kept, both had again from what was known
	$(BIN)/python -m tests.late $(SEED)

docs: $(VENV)/.ready ## docs/controls.md, from the catalogue
	$(BIN)/tenken controls reference > docs/controls.md

faults: $(VENV)/.ready ## the long fault runs, with their control runs, and a sheet of what came of them: kills, every system call of a commit, full disks, lost databases
	./tests/needs.sh openssl:openssl /usr/lib/postgresql:postgresql strace:strace
	$(BIN)/pytest tests/faults --long --numprocesses auto --dist loadfile

reperformed: $(VENV)/.ready ## every control of the demo judged again from its packs, by tenken and by a bare DuckDB
	$(BIN)/pytest tests/demo/test_reperformed.py --long

tamper: $(VENV)/.ready ## forged packs: every class of tampering at 200 places, told by verify.py and by verify.html in a browser
	./tests/needs.sh chromium:chromium
	$(BIN)/python -m tests.tamper --seed $(SEED)
	$(BIN)/pytest tests/tamper/test_parts.py tests/tamper/test_large.py --long --numprocesses auto

mutants: $(VENV)/.ready ## wrong versions of every control, and whether examples and oracles find them
	$(BIN)/python -m tests.mutants

bench: $(VENV)/.ready ## what we promise of speed, as ratios; a ledger of a million entries; a fiscal year lived through
	$(BIN)/python -m tests.bench

lock: $(VENV)/.ready ## resolve the dependencies anew
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  --extra dev --extra postgres --python-version 3.11 pyproject.toml --output-file requirements.lock
