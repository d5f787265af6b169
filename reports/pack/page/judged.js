// What the pack shows against what the ledger recorded when it was judged: objects, files, figures, gaps.

const OBJECTS = "data/11_custody/objects.jsonl";
const GAPS = "data/09_findings/gaps.csv";
const RAW = "data/06_raw/";
const COMMITMENT = Uint8Array.of(2);
const BOUND = ["data/03_", "data/04_", "data/07_", "data/08_", "data/09_", "data/10_config/controls/"];
const resultOf = (control) => `03_results/${control}.json`;
const populationOf = (control) => `04_populations/${control}.csv`;
const queryOf = (control) => `04_populations/${control}.sql`;
const definitionOf = (control) => `10_config/controls/${control}.json`;

async function checkObjects(pack, bad) {
  // Every commitment is opened once, by the line of an object; in a raw pack with its bytes, or the reason why not.
  // None is opened that was purged.
  const left = new Map(pack.commitments);
  const shownFiles = new Set();
  let number = 0;
  for await (const line of linesOf(pack.file(OBJECTS))) {
    number += 1;
    const where = `${OBJECTS}:${number}`;
    try {
      const object = jsonOf(utf8(line, where), where);
      openCommitment(object, where, left);
      checkObjectFile(pack, object, where, shownFiles);
    } catch (error) {
      bad(...problemOf(error, where));
    }
  }
  for (const one of pack.erased) {
    if (!left.delete(one)) bad(OBJECTS, `消去したはずの取得物 ${shown(one)} があります`, `opens ${shown(one)}, which the ledger says was purged`);
  }
  for (const [one, places] of left) {
    const place = [places].flat()[0];
    bad(`${LEDGER}:${place + 1}`, `約束した取得物 ${shown(one)} が開かれていません(抜き取り)`, `commits to ${shown(one)}, which ${OBJECTS} does not open`);
  }
  for (const path of pack.files.keys()) {
    if (path.startsWith(RAW) && !shownFiles.has(path)) bad(shown(path), "取得物の一覧にありません", `is no object of ${OBJECTS}`);
  }
}

function openCommitment(line, where, left) {
  const [digest, salt, entry] = ["sha256", "salt", "entry"].map((name) => of(line, name));
  if (!isDigest(digest) || !isDigest(salt) || !isCount(entry)) throw new Refused(where, "取得物の行の形ではありません", "is no line of an object");
  const commitment = hexOf(sha256(COMMITMENT, bytesOfHex(salt), bytesOfHex(digest)));
  if (![left.get(commitment)].flat().includes(entry)) {
    throw new Refused(where, `台帳の記録 ${entry} が約束したものではないか、2度目です`, `entry ${entry} does not commit to it, or it was opened already`);
  }
  left.delete(commitment);
}

function checkObjectFile(pack, line, where, shownFiles) {
  const [path, withheld] = [of(line, "file"), of(line, "withheld")];
  if (!pack.scope.raw) {
    if (path !== undefined || withheld !== undefined) throw new Refused(where, "仮名化したパックに原本があります", "tells of a file in a masked pack");
    return;
  }
  if (path === undefined) {
    if (typeof withheld === "string" && withheld) return;
    throw new Refused(where, "原本も、ない理由もありません", "has no file and no reason why not");
  }
  if (withheld !== undefined || typeof path !== "string" || !path.startsWith(RAW) || !pack.files.has(path)) {
    throw new Refused(where, `原本 ${shown(path)} がありません`, `its file ${shown(path)} is not in ${RAW}`);
  }
  shownFiles.add(path);
  if (pack.digests.get(path) !== line.sha256) throw new Refused(path, "取得したときのバイトではありません", "is not the object that was collected");
}

function newestJudgements(pack) {
  // control → the judgement that counts, and the newest of all.
  const inOrder = [...pack.judgements].sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : one.number - other.number));
  const counts = new Map();
  for (const one of inOrder) {
    const verdicts = of(one.entry, "verdicts");
    if (!isObject(verdicts)) throw new Refused(`${LEDGER}:${one.number + 1}`, "判定がありません", "tells of no verdicts");
    for (const control of Object.keys(verdicts)) counts.set(control, one);
  }
  return { counts, last: inOrder.at(-1) };
}

function expectedFiles(pack, { counts, last }) {
  // path below data/ → its digest, of all that the ledger speaks of.
  const place = pack.scope.raw ? 1 : 0;
  const files = new Map();
  const keep = (one, path) => files.set(`data/${path}`, of(of(one.entry, "files"), path)?.[place]);
  for (const path of Object.keys(of(last.entry, "files") ?? {})) if (path >= "07") keep(last, path);
  for (const [control, one] of counts) {
    keep(one, resultOf(control));
    keep(one, populationOf(control));
    files.set(`data/${definitionOf(control)}`, of(of(one.entry, "digests"), control)?.[0]);
  }
  return files;
}

async function checkJudgements(pack, bad) {
  const newest = newestJudgements(pack);
  const { controls } = pack.scope;
  await pack.gaps(); // a table that nothing asks for is one all the same
  if (!newest.last) throw new Refused(LEDGER, "この期間の判定の記録がありません", "has no judgement of this period");
  if (newest.last.at !== instantOf(pack.scope.known_at, "scope.json")) {
    bad("scope.json", "known_at が最新の判定のものではありません", "its known_at is not that of the newest judgement");
  }
  if (!Array.isArray(controls) || [...controls].sort().join("\n") !== [...newest.counts.keys()].sort().join("\n")) {
    bad("scope.json", "管理策が台帳の判定と違います", "its controls are not those that were judged");
  }
  const expected = expectedFiles(pack, newest);
  for (const [path, digest] of expected) {
    if (!pack.files.has(path)) bad(shown(path), "ありません(台帳の判定に記載)", "missing; recorded in the ledger when judged");
    else if (pack.digests.get(path) !== digest) bad(path, "台帳に記録した判定時のものと違います", "is not what the ledger recorded when it was judged");
  }
  const queries = new Set([...newest.counts.keys()].map((control) => `data/${queryOf(control)}`));
  for (const path of pack.files.keys()) {
    const bound = BOUND.some((start) => path.startsWith(start)) && path !== GAPS;
    if (bound && !expected.has(path) && !queries.has(path)) bad(shown(path), "台帳の判定にない余分なファイルです", "is nothing that was judged");
  }
  for (const [control, one] of newest.counts) {
    try {
      await checkControl(pack, control, one, bad);
    } catch (error) {
      bad(...problemOf(error, shown(control)));
    }
  }
}

async function checkControl(pack, control, one, bad) {
  // Figures counted anew, the query, and the gap of each deviation.
  pack.progress(control);
  const query = `data/${queryOf(control)}`;
  const definition = await pack.json(`data/${definitionOf(control)}`);
  if (utf8(await pack.bytes(query), query) !== of(definition, "test")) bad(query, "定義の test と違います", "is not the test of the definition");
  const result = await pack.json(`data/${resultOf(control)}`);
  const deviations = of(result, "deviations");
  if (!Array.isArray(deviations)) throw new Refused(`data/${resultOf(control)}`, "例外の一覧がありません", "has no list of deviations");
  const { members, deviating } = await counted(pack.file(`data/${populationOf(control)}`));
  const recorded = of(of(one.entry, "verdicts"), control);
  const figures = [of(result, "verdict"), of(result, "population"), deviations.length];
  const recount = [figures[0], members, deviating.length];
  for (const [path, said] of [[resultOf(control), figures], [populationOf(control), recount]]) {
    if (JSON.stringify(said) !== JSON.stringify(recorded)) {
      bad(`data/${path}`, `数が ${JSON.stringify(said)}、台帳では ${JSON.stringify(recorded)}`, `counts ${JSON.stringify(said)}; recorded in the ledger was ${JSON.stringify(recorded)}`);
    }
  }
  const listed = deviations.map((member) => keyOf(...["subject", "aspect", "occurred_on"].map((name) => of(member, name) ?? "")));
  if (listed.sort().join("\n") !== deviating.sort().join("\n")) {
    bad(`data/${resultOf(control)}`, "例外が母集団の例外と違います", "its deviations are not those of the population");
  }
  if (of(one.entry, "followed") === true) await requireGaps(pack, control, figures[0], deviations, bad);
}

function keyOf(...texts) {
  return JSON.stringify(texts);
}

async function counted(file) {
  let members = 0;
  const deviating = [];
  for await (const row of rowsOf(file, ["subject", "aspect", "occurred_on", "conforms", "members"])) {
    if (!/^(0|[1-9]\d{0,14})$/.test(row.members)) throw new Refused(file.path, "members が数ではありません", "has a number of members that is none");
    members += Number(row.members);
    if (row.conforms !== "true") deviating.push(keyOf(row.subject, row.aspect, row.occurred_on));
  }
  return { members, deviating };
}

async function requireGaps(pack, control, verdict, deviations, bad) {
  const needed = new Set(deviations.map((one) => keyOf(control, of(one, "subject") ?? "", of(one, "aspect") ?? "")));
  const gaps = await pack.gaps();
  for (const one of needed) {
    if (!gaps.has(one)) bad(GAPS, `例外 ${shown(one)} の不適合(gap)がありません`, `has no gap of the deviation ${shown(one)}`);
  }
  if (verdict === "unverified" && !gaps.unverified.has(control)) {
    bad(GAPS, `未検証の ${shown(control)} の不適合(gap)がありません`, `has no gap of ${shown(control)}, which is unverified`);
  }
}

async function gapsOf(file) {
  const gaps = new Set();
  gaps.unverified = new Set();
  for await (const row of rowsOf(file, ["control", "subject", "aspect"])) {
    gaps.add(keyOf(row.control, row.subject, row.aspect));
    if (row.subject === "unverified" && !row.aspect) gaps.unverified.add(row.control);
  }
  return gaps;
}
