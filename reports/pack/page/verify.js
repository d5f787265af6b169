// The checks in their order. What cannot be read is refused like what is wrong; nothing that fails to run passes.

const OK = "○";
const WRONG = "×";
const UNKNOWN = "？";
const NOT_ASKED = "―";
const MOST = 1000; // problems that are told of one check

const CHECKS = [
  ["archive", "アーカイブ(ZIP・フォルダー)", "Archive (ZIP or folder)"],
  ["scope", "対象(会社・期間)", "Scope (company and period)"],
  ["files", "ファイルの有無と名前", "Files that must be there, and their names"],
  ["lists", "一覧とダイジェスト", "Lists and digests"],
  ["ledger", "台帳と checkpoint", "Ledger and its checkpoint"],
  ["keys", "鍵の交代", "Changes of the key"],
  ["seal", "封印の形", "Form of the seal"],
  ["growth", "前回からの書き換え・巻き戻し", "Growth since the last visit"],
  ["stamp", "タイムスタンプの対象", "What the time stamp is of"],
  ["custody", "経過表(custody)", "Chain of custody"],
  ["objects", "取得物(抜き取り・差し替え)", "Objects (left out or exchanged)"],
  ["judgements", "判定の数え直しと記録との照合", "Judgements, counted anew and as recorded"],
  ["origin", "発行元(署名と鍵)", "Origin (signatures and key)"],
];

function problemOf(error, where) {
  // Where, and in both languages what, of anything that was thrown.
  if (error instanceof Refused) return [error.where, error.ja, error.en];
  return [where, `読めません(${shown(error?.message ?? error)})`, `cannot be read (${shown(error?.message ?? error)})`];
}

class Pack {
  // A pack as it is being read.
  constructor({ files, folders }, key, able, progress) {
    Object.assign(this, { files, folders, key, able, progress });
    this.digests = new Map();
    this.scope = {};
    this.keys = []; // that followed each other; one more than there were changes
    this.previous = null;
    this.head = null;
    this.roots = new Map();
    this.commitments = new Map();
    this.requests = new Map(); // who asked for a purge, by what the request tells
    this.erased = new Set(); // commitments that a later entry tells were purged
    this.stamped = null; // when, in UTC
    this.changes = [];
    this.judgements = [];
  }

  file(path) {
    const file = this.files.get(path);
    if (!file) throw new Refused(path, "ありません", "is missing");
    return file;
  }

  bytes(path) {
    return this.file(path).bytes();
  }

  async json(path) {
    return jsonOf(utf8(await this.bytes(path), path), path);
  }

  keyAt(size) {
    return this.keys[this.changes.filter((one) => one.number < size).length];
  }

  gaps() {
    this.gapsRead ??= gapsOf(this.file(GAPS));
    return this.gapsRead;
  }
}

class Outcome {
  // The marks and problems of all checks; a check that did not run to its end is never ○.
  constructor() {
    this.checks = CHECKS.map(([id, ja, en]) => ({ id, ja, en, mark: UNKNOWN, problems: [], more: 0 }));
  }

  of(id) {
    return this.checks.find((one) => one.id === id);
  }

  async run(id, check) {
    const one = this.of(id);
    const bad = (where, ja, en) => {
      one.mark = WRONG;
      if (one.problems.length < MOST) one.problems.push({ where, ja, en });
      else one.more += 1;
    };
    try {
      await check(bad);
      if (one.mark !== WRONG) one.mark = OK;
    } catch (error) {
      bad(...problemOf(error, one.en));
    }
    return one.mark === OK;
  }

  get wrong() {
    return this.checks.some((one) => one.mark === WRONG);
  }

  get verdict() {
    // "genuine" only when every check that was asked for passed.
    if (this.wrong) return "refused";
    return this.checks.every((one) => [OK, NOT_ASKED].includes(one.mark)) ? "genuine" : "unknown";
  }
}

async function checkScope(pack, bad) {
  const scope = await pack.json("scope.json");
  if (!isObject(scope)) throw new Refused("scope.json", "対象の形ではありません", "is no scope");
  pack.scope = scope;
  const day = (one) => typeof one === "string" && /^\d{4}-\d\d-\d\d$/.test(one) && instantOf(`${one}T00:00:00Z`, "scope.json") !== null;
  const names = ["origin", "company", "since", "as_of", "known_at", "ledger_size", "raw", "controls"];
  for (const name of names) if (!Object.hasOwn(scope, name)) bad("scope.json", `${name} がありません`, `lacks ${name}`);
  if (typeof scope.company !== "string" || scope.origin !== `tenken/${scope.company}`) bad("scope.json", "会社と台帳の名前が合いません", "its origin is not its company's log");
  if (!day(scope.since) || !day(scope.as_of) || scope.since > scope.as_of) bad("scope.json", "期間ではありません", "its period is none");
  if (!isCount(scope.ledger_size) || typeof scope.raw !== "boolean") bad("scope.json", "件数または raw の形が違います", "its ledger_size or raw is none");
  if (!Array.isArray(scope.controls) || !scope.controls.every((one) => typeof one === "string")) bad("scope.json", "管理策の一覧ではありません", "its controls are no list");
  instantOf(scope.known_at, "scope.json");
}

const PREVIOUS = "前回の checkpoint / --previous";

async function readHeads(pack) {
  pack.headNote = noteOf(await pack.bytes(HEAD), HEAD);
  pack.head = headOf(pack.headNote, pack.scope.origin, HEAD);
}

async function checkOrigin(pack) {
  // The signatures: of the seal and the heads, each by the key that counts where it stands.
  const { origin } = pack.scope;
  if (!pack.keys.some((one) => one.text === pack.key.text)) {
    throw new Refused("鍵 key", "この台帳で使われた鍵ではありません", "is none of the keys that this ledger was signed with");
  }
  if (pack.key.name !== origin) throw new Refused("鍵 key", `${shown(pack.key.name)} の鍵です`, `is ${shown(pack.key.name)}'s`);
  const now = pack.keyAt(pack.head.size);
  await requireSigned(noteOf(await pack.bytes(SEAL), SEAL), now, SEAL);
  await requireSigned(pack.headNote, now, HEAD);
  if (pack.previous) await requireSigned(pack.previous.note, pack.keyAt(pack.previous.head.size), PREVIOUS);
}

async function verifyPack(open, { keyText = "", previous = null, progress = () => {} } = {}) {
  // `open` gives the files of the pack; `keyText` and `previous` come from outside of it.
  const outcome = new Outcome();
  const origin = outcome.of("origin");
  const able = await canVerify();
  let key = null;
  let pack = null;
  const readKey = async () => {
    key = new Key(keyText.trim(), "鍵 key");
  };
  if (keyText.trim()) await outcome.run("origin", readKey);
  await outcome.run("archive", async () => {
    pack = new Pack(await open(), key, able, progress);
  });
  if (pack) await checkAll(outcome, pack, previous);
  if (key && able && pack?.whole && outcome.of("keys").mark === OK) await outcome.run("origin", () => checkOrigin(pack));
  const proven = key && able && !outcome.wrong && pack?.whole;
  if (origin.mark === OK && !proven) origin.mark = UNKNOWN; // who signed does not say who made what was changed
  return { outcome, pack, hasKey: Boolean(key), able };
}

async function checkAll(outcome, pack, previous) {
  await outcome.run("scope", (bad) => checkScope(pack, bad));
  await outcome.run("files", (bad) => checkFiles(pack, bad));
  await outcome.run("lists", (bad) => checkLists(pack, bad));
  const growth = outcome.of("growth");
  growth.mark = NOT_ASKED;
  if (previous) {
    const readPrevious = async () => {
      const note = noteOf(previous, PREVIOUS);
      pack.previous = { note, head: headOf(note, pack.scope.origin, PREVIOUS) };
    };
    if (await outcome.run("growth", readPrevious)) growth.mark = UNKNOWN;
  }
  await outcome.run("ledger", async (bad) => {
    await readHeads(pack);
    await readLedger(pack, bad);
  });
  if (!pack.whole) return;
  await outcome.run("keys", (bad) => checkKeys(pack, bad));
  if (pack.previous) await outcome.run("growth", (bad) => checkGrowth(pack, bad));
  if (pack.files.has(STAMP) || pack.files.has(CHAIN)) await outcome.run("stamp", () => checkStamp(pack));
  else outcome.of("stamp").mark = NOT_ASKED;
  await outcome.run("custody", (bad) => checkCustody(pack, bad));
  await outcome.run("objects", (bad) => checkObjects(pack, bad));
  await outcome.run("judgements", (bad) => checkJudgements(pack, bad));
  await outcome.run("seal", (bad) => checkSeal(pack, bad));
}
