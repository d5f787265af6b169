// The bag: which files are there, what the lists say of them, and the seal over all.

const SEAL = "seal.sig";
const MANIFEST = "manifest-sha256.txt";
const TAGS = "tagmanifest-sha256.txt";
const BAGIT = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
const NEEDED = [
  "bagit.txt", "bag-info.txt", MANIFEST, TAGS, "scope.json", "ledger.jsonl", "checkpoint", "verify.py", "verify.html", "reperform.sql",
  "VERIFY.txt", SEAL, "data/00_index.xlsx", "data/01_scope.md", "data/02_control_matrix.xlsx",
]; // prettier-ignore

function isPath(path) {
  const parts = path.split("/");
  return /^[\x21-\x7e]{1,200}$/.test(path) && !parts.some((part) => ["", ".", ".."].includes(part));
}

function listOf(text, where, bad) {
  // path → digest of a list; what is no line of it is told and passed over.
  const told = new Map();
  const lines = text.split("\n");
  if (lines.pop() !== "") bad(where, "最後の行が終わっていません", "its last line has no end");
  lines.forEach((line, number) => {
    const [, digest, path] = /^([0-9a-f]{64}) {2}(\S+)$/.exec(line) ?? [];
    const place = `${where}:${number + 1}`;
    if (!path || !isPath(path)) bad(place, "一覧の行の形ではありません", "is no line of a list");
    else if (told.has(path)) bad(place, `${path} が2度あります`, `${path} stands twice`);
    else told.set(path, digest);
  });
  return told;
}

async function checkFiles(pack, bad) {
  // Every file hashed once; names as they must be, and no folder that holds nothing.
  for (const [path, file] of pack.files) {
    if (!isPath(path)) bad(shown(path), "使えない文字を含む名前です", "its name is not as a pack's are");
    pack.progress(path);
    try {
      pack.digests.set(path, await digestOf(file));
    } catch (error) {
      bad(...problemOf(error, path));
    }
  }
  const paths = [...pack.files.keys()];
  for (const folder of pack.folders) {
    const empty = folder === "" ? !paths.length : !paths.some((path) => path.startsWith(`${folder}/`));
    if (empty) bad(shown(folder), "空のフォルダーです", "is a folder that holds nothing");
  }
  for (const name of NEEDED) if (!pack.files.has(name)) bad(name, "必要なファイルがありません", "is missing");
  const { company, as_of: last } = pack.scope;
  const day = String(last).replaceAll("-", "");
  for (const name of [`self-check_${company}_${day}.xlsx`, `self-check_${company}_${day}.html`, `management-book_${company}_${day}.xlsx`]) {
    const path = `data/12_reports/${name}`;
    if (!pack.files.has(path)) bad(shown(path), "必要なファイルがありません", "is missing");
  }
  if (pack.files.has("bagit.txt") && utf8(await pack.files.get("bagit.txt").bytes(), "bagit.txt") !== BAGIT) {
    bad("bagit.txt", "BagIt 1.0 の宣言ではありません", "is not the declaration of BagIt 1.0");
  }
}

async function checkLists(pack, bad) {
  // Both manifests and the seal's list name exactly the files that are theirs, with their digests.
  const lists = [
    [MANIFEST, (path) => path.startsWith("data/")],
    [TAGS, (path) => !path.startsWith("data/") && path !== TAGS && path !== SEAL],
  ];
  for (const [name, theirs] of lists) {
    const file = pack.files.get(name);
    if (file) compareList(pack, name, listOf(utf8(await file.bytes(), name), name, bad), theirs, bad);
  }
  const { text } = splitSeal(await pack.bytes(SEAL));
  const [first, ...rest] = text.split("\n");
  if (first !== `${pack.scope.origin}/pack`) bad(SEAL, "この会社のパックの封印ではありません", "is not the seal of this company's pack");
  compareList(pack, SEAL, listOf(rest.join("\n"), SEAL, bad), (path) => path !== SEAL, bad);
}

function splitSeal(bytes) {
  // The text is read even where its signature cannot be: what was changed is named all the same.
  const whole = utf8(bytes, SEAL);
  const cut = whole.lastIndexOf("\n\n");
  return { text: cut < 0 ? whole : whole.slice(0, cut + 1) };
}

function compareList(pack, name, listed, theirs, bad) {
  for (const [path, digest] of listed) {
    const found = pack.digests.get(path);
    if (!theirs(path)) bad(name, `${path} はこの一覧のものではありません`, `lists ${path}, which is not its own`);
    else if (!pack.files.has(path)) bad(path, `ありません(${name} に記載)`, `missing; listed in ${name}`);
    else if (found && found !== digest) bad(path, `${name} と違います(変更)`, `changed; its digest is not the one in ${name}`);
  }
  for (const path of pack.files.keys()) {
    if (theirs(path) && !listed.has(path)) bad(shown(path), `${name} にない余分なファイルです`, `extra; not listed in ${name}`);
  }
}

async function checkSeal(pack, bad) {
  // One signature, under the company's name.
  const note = noteOf(await pack.bytes(SEAL), SEAL);
  if (note.signatures.length !== 1) bad(SEAL, "署名は1つでなければなりません", "must bear one signature and no other");
  if (note.signatures.some((one) => one.name !== pack.scope.origin)) {
    bad(SEAL, "別の名前の署名です", "is signed under another name");
  }
}
