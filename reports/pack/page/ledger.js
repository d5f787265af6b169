// The ledger: every entry, the tree over them (RFC 9162), and the keys that its heads count under.

const LEDGER = "ledger.jsonl";
const HEAD = "checkpoint";
const CUSTODY = "data/11_custody/custody.csv";
const APART = new Set(["v", "seq", "at", "kind", "commitments", "sizes", "checksums", "modified", "facts", "files", "digests"]);
const AT = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{6}Z$/; // of an entry, in UTC
const PURGE = ["request", "source", "until", "why"]; // what a purge and the request for it both tell
const [LEAF, NODE] = [Uint8Array.of(0), Uint8Array.of(1)];

class Tree {
  // The root as it grows: of each complete subtree on the right edge the hash, and of how many leaves it is.
  constructor() {
    this.edge = [];
    this.size = 0;
  }

  append(hash) {
    let [one, leaves] = [hash, 1];
    for (; this.edge.at(-1)?.leaves === leaves; leaves *= 2) one = sha256(NODE, this.edge.pop().hash, one);
    this.edge.push({ hash: one, leaves });
    this.size += 1;
  }

  root() {
    if (!this.edge.length) return sha256();
    return this.edge.map((one) => one.hash).reduceRight((right, left) => sha256(NODE, left, right));
  }
}

function entryOf(line, number) {
  // What a line says: the canonical JSON of entry `number`, and nothing that only looks like it.
  const where = `${LEDGER}:${number + 1}`;
  const text = utf8(line, where);
  let told;
  let canonical = false;
  try {
    told = JSON.parse(text);
    canonical = canonicalOf(told) === text;
  } catch {} // eslint-disable-line no-empty -- refused below
  if (!canonical || !isObject(told)) throw new Refused(where, "正規の JSON ではありません", "is not canonical JSON");
  if (of(told, "seq") !== number) throw new Refused(where, `番号 ${number} の記録ではありません`, `is not entry ${number}`);
  return told;
}

async function* entriesOf(file) {
  let number = 0;
  for await (const line of linesOf(file)) {
    yield { number, told: entryOf(line, number), hash: sha256(LEAF, line) };
    number += 1;
  }
}

async function readLedger(pack, bad) {
  // One pass over the entries: what they say to the other checks, and the root at each size that somebody signed.
  const tree = new Tree();
  const wanted = new Set([pack.head.size]);
  if (pack.previous) wanted.add(pack.previous.head.size);
  if (wanted.has(0)) pack.roots.set(0, tree.root());
  let latest = "";
  for await (const { number, told: entry, hash } of entriesOf(pack.file(LEDGER))) {
    if (number % 4096 === 0) pack.progress(`${LEDGER} ${number}`);
    tree.append(hash);
    if (wanted.has(tree.size)) pack.roots.set(tree.size, tree.root());
    noteEntry(pack, entry, number, bad);
    const at = of(entry, "at");
    if (typeof at !== "string" || !AT.test(at) || at < latest) {
      bad(`${LEDGER}:${number + 1}`, `日時 ${at} が、前の記録より前か、日時ではありません(遡り)`, `its time ${at} is none, or is before that of the entry before it (back-dated)`);
    } else latest = at;
  }
  pack.whole = true; // read to its end
  const { ledger_size: size } = pack.scope;
  if (tree.size !== pack.head.size) bad(LEDGER, `${tree.size} 件ありますが ${HEAD} は ${pack.head.size} 件です`, `has ${tree.size} entries; ${HEAD} is of ${pack.head.size}`);
  if (size !== pack.head.size) bad("scope.json", `台帳の件数が ${HEAD} と違います`, `tells of another size than ${HEAD}`);
  requireRoot(pack, pack.head, HEAD, bad);
}

function noteEntry(pack, entry, number, bad) {
  const kind = of(entry, "kind");
  const committed = of(entry, "commitments") ?? [];
  for (const one of Array.isArray(committed) ? committed : [committed]) {
    const places = pack.commitments.get(one);
    pack.commitments.set(one, places === undefined ? number : [places, number].flat());
    pack.erased.delete(one);
  }
  if (kind === "purge_requested" || kind === "purged") notePurge(pack, entry, number, bad);
  if (kind === "purged") {
    const erased = of(entry, "erased");
    if (!Array.isArray(erased) || !erased.every(isDigest)) throw new Refused(`${LEDGER}:${number + 1}`, "消去の記録の形ではありません", "is no record of a purge");
    for (const one of erased) if (pack.commitments.has(one)) pack.erased.add(one);
  }
  if (kind === "keychange") pack.changes.push({ number, told: entry });
  const { since, as_of: last } = pack.scope;
  if (kind === "judged" && of(entry, "since") === since && of(entry, "as_of") === last) {
    const where = `${LEDGER}:${number + 1}`;
    const knownAt = instantOf(of(entry, "known_at"), where);
    if (knownAt > instantOf(of(entry, "at"), where)) bad(where, "判定より後の証跡による判定です", "judged by evidence that came after it");
    pack.judgements.push({ number, entry, at: knownAt });
  }
}

function notePurge(pack, entry, number, bad) {
  // Another person must have asked for it before the one who approved it.
  const about = canonicalOf(PURGE.map((name) => of(entry, name) ?? null));
  const [by, asker] = [of(entry, "actor"), of(entry, "requested_by")];
  if (of(entry, "kind") === "purge_requested") pack.requests.set(about, by);
  else if (typeof asker !== "string" || ["", by].includes(asker) || pack.requests.get(about) !== asker) {
    bad(`${LEDGER}:${number + 1}`, "消去を、前もって別の人が求めていません", "is a purge that nobody else asked for before");
  }
}

function requireRoot(pack, head, where, bad) {
  const root = pack.roots.get(head.size);
  if (!root) bad(where, `台帳の ${head.size} 件目までがありません`, `is of ${head.size} entries; the ledger has fewer`);
  else if (!same(root, head.root)) bad(where, `台帳の先頭 ${head.size} 件が署名されたものと違います`, `the first ${head.size} entries are not those that were signed`);
}

async function checkKeys(pack) {
  // Each change is a note in its entry: the key that was in use and the one that follows, signed by both.
  for (const { number, told: entry } of pack.changes) {
    const where = `${LEDGER}:${number + 1}`;
    const note = noteOf(ENCODER.encode(String(of(entry, "note"))), where);
    const [title, ...texts] = note.text.split("\n");
    const fits = title === `${pack.scope.origin}/keychange` && texts.length === 3 && texts[2] === "";
    if (!fits || texts[1] !== of(entry, "vkey")) throw new Refused(where, "鍵の交代の形ではありません", "is no change of keys");
    const [before, after] = [new Key(texts[0], where), new Key(texts[1], where)];
    if ([before, after].some((one) => one.name !== pack.scope.origin)) {
      throw new Refused(where, "別の名前の鍵への交代です", "changes keys of another name");
    }
    if ((pack.keys.at(-1) ?? before).text !== before.text) {
      throw new Refused(where, "使われていなかった鍵からの交代です", "changes a key that was not in use");
    }
    for (const key of [before, after]) if (pack.able) await requireSigned(note, key, where);
    pack.keys = [...(pack.keys.length ? pack.keys : [before]), after];
  }
  if (!pack.keys.length && pack.key) pack.keys = [pack.key];
}

function checkGrowth(pack, bad) {
  // The ledger begins with what the auditor took home last time.
  const { head } = pack.previous;
  if (head.size > pack.head.size) {
    bad(PREVIOUS, `前回は ${head.size} 件、今回は ${pack.head.size} 件です(巻き戻し)`, `is of ${head.size} entries, the pack of ${pack.head.size}: rolled back`);
    return;
  }
  requireRoot(pack, head, PREVIOUS, bad);
}

async function checkCustody(pack, bad) {
  // The table shows people the entries, and nothing else.
  const names = ["seq", "at", "kind", "what", "leaf_hash"];
  const rows = recordsOf(pack.file(CUSTODY));
  const first = (await rows.next()).value ?? [];
  if (first.join() !== names.join()) throw new Refused(CUSTODY, "列が違います", "has other columns");
  for await (const { number, told: entry, hash } of entriesOf(pack.file(LEDGER))) {
    const row = (await rows.next()).value ?? [];
    const rest = Object.entries(entry).filter(([name]) => !APART.has(name));
    const shownAs = [entry.seq, entry.at, entry.kind].map((one) => (typeof one === "string" ? one : asPython(one)));
    const expected = [...shownAs, asPython(Object.fromEntries(rest)), hexOf(hash)];
    if (row.length !== 5 || row.some((cell, place) => cell !== expected[place])) {
      bad(`${CUSTODY}:${number + 2}`, `台帳の記録 ${number} と違います`, `does not show entry ${number} of the ledger`);
    }
  }
  if (!(await rows.next()).done) bad(CUSTODY, "台帳にない行があります", "has rows that are not in the ledger");
}

function asPython(value) {
  // JSON with ", " and ": " between; names in their canonical order, which the language keeps but for numbers.
  if (Array.isArray(value)) return `[${value.map(asPython).join(", ")}]`;
  if (!isObject(value)) return JSON.stringify(value ?? null);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}: ${asPython(value[name])}`).join(", ")}}`;
}
