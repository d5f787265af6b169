// What the auditor sees: everything of the pack is put in as text, never as markup.

const byId = (id) => document.getElementById(id);
const chosen = { open: null };

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function choose(name, open) {
  chosen.open = open;
  byId("chosen").textContent = shownName(name);
  byId("run").disabled = false;
  byId("result").hidden = true;
}

function shownName(name) {
  return name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\ufffd").slice(0, 200);
}

async function entriesBelow(entry, above) {
  // What was dropped as a folder: [path, blob], a folder without a blob.
  const path = above ? `${above}/${entry.name}` : entry.name;
  if (entry.isFile) return [[path, await new Promise((done, failed) => entry.file(done, failed))]];
  const reader = entry.createReader();
  const found = [[path, null]];
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return found;
    for (const one of some) found.push(...(await entriesBelow(one, path)));
  }
}

function inOrder(files) {
  // The parts of one archive, P.zip.001 and so on; or the archive alone.
  return [...files].sort((one, other) => (one.name < other.name ? -1 : 1));
}

function chooseParts(files) {
  const names = inOrder(files).map((file) => file.name);
  choose(names.join(", "), () => openZip(files.length === 1 ? files[0] : new Blob(inOrder(files))));
}

function dropped(event) {
  event.preventDefault();
  byId("drop").classList.remove("over");
  const entries = [...event.dataTransfer.items].map((one) => one.webkitGetAsEntry()).filter(Boolean);
  const [entry] = entries;
  if (entries.length && entries.every((one) => one.isFile)) chooseParts(event.dataTransfer.files);
  else if (entries.length === 1) choose(`${entry.name}/`, async () => openFolder(await entriesBelow(entry, "")));
  else byId("chosen").textContent = "1つのパックだけをドロップしてください / drop one pack only";
}

function progressShown() {
  let last = 0;
  return (what) => {
    if (Date.now() - last < 500) return;
    last = Date.now();
    byId("status").textContent = `検証中 / verifying … ${shown(what)}`;
  };
}

async function run() {
  const [file] = byId("previous").files;
  byId("run").disabled = true;
  byId("result").hidden = true;
  byId("status").textContent = "検証中 / verifying …";
  try {
    const previous = file ? new Uint8Array(await file.arrayBuffer()) : null;
    show(await verifyPack(chosen.open, { keyText: byId("key").value, previous, progress: progressShown() }));
  } catch (error) {
    byId("status").textContent = `${WRONG} 検証できませんでした / could not be verified: ${shown(error?.message ?? error)}`;
  } finally {
    byId("run").disabled = false;
  }
}

const VERDICTS = {
  genuine: [OK, "すべて合格しました。発行元も確認しました。", "Everything verified, the origin too."],
  refused: [WRONG, "不合格です。このパックを証跡として使わないでください。", "Refused: do not use this pack as evidence."],
  unknown: [UNKNOWN, "発行元未確認です。中身に矛盾はありませんが、誰でも作れます。", "ORIGIN NOT VERIFIED: consistent, but anybody can have made this pack."],
};
const NO_KEY = ["鍵がないため、発行元は未確認です。会社から直接受け取った鍵を入れてください。", "Without a key the origin is not verified: paste the one that the company gave you."];
const NOT_ABLE = [
  "このブラウザーは Ed25519 の署名を検証できません(Chrome・Edge 137 以降、Firefox 130 以降、Safari 17 以降が必要)。発行元は未確認です。",
  "This browser cannot verify Ed25519 signatures (Chrome or Edge 137, Firefox 130, Safari 17 or later can): the origin is not verified.",
];

const purgedOf = (count) => [`△ 消去済み ${count} 件(台帳に記録)`, `purged ${count}: the ledger says so, by whom and why`];
const stampedAt = (at) => [`△ 時刻印 ${at}:署名は VERIFY.txt の openssl で確かめてください。`, `Time stamp of ${at}: its signature is for openssl, see VERIFY.txt.`];

function show({ outcome, pack, hasKey, able }) {
  const scope = pack?.scope ?? {};
  const [mark, ja, en] = VERDICTS[outcome.verdict];
  const result = byId("result");
  result.dataset.verdict = outcome.verdict;
  byId("verdict").replaceChildren(element("span", mark, { class: "mark" }), element("span", ja), element("small", en, { lang: "en" }));
  const told = ["origin", "since", "as_of", "known_at"].map((name) => shown(scope[name] ?? "?"));
  byId("about").textContent = `${told[0]} ${told[1]} ～ ${told[2]}(${told[3]} 時点)${scope.raw === true ? " raw 原本" : scope.raw === false ? " masked 仮名化" : ""}`;
  const count = pack?.erased.size;
  const notes = [!hasKey && NO_KEY, !able && NOT_ABLE, count && purgedOf(count), pack?.stamped && stampedAt(pack.stamped)].filter(Boolean);
  byId("notes").replaceChildren(...notes.flatMap(([j, e]) => [element("p", j), element("p", e, { lang: "en" })]));
  byId("checks").replaceChildren(...outcome.checks.map(rowOf));
  result.hidden = false;
  byId("status").textContent = `${mark} ${ja}`;
}

const MARKS = { [OK]: "合格 passed", [WRONG]: "不合格 refused", [UNKNOWN]: "未確認 not verified", [NOT_ASKED]: "対象外 not asked" };

function rowOf(check) {
  const row = element("tr", "", { "data-check": check.id, "data-mark": check.mark });
  const name = element("th", check.ja, { scope: "row" });
  name.append(element("small", check.en, { lang: "en" }));
  const problems = element("ul", "");
  for (const { where, ja, en } of check.problems) {
    const item = element("li", "");
    item.append(element("b", where), ` ${ja} `, element("span", en, { lang: "en" }));
    problems.append(item);
  }
  if (check.more) problems.append(element("li", `ほか ${check.more} 件 / and ${check.more} more`));
  const mark = element("td", check.mark, { class: "mark" });
  mark.append(element("small", MARKS[check.mark]));
  const cell = element("td", "");
  if (check.problems.length) cell.append(problems);
  row.append(mark, name, cell);
  return row;
}

if (!globalThis.crypto?.subtle || !globalThis.DecompressionStream) {
  byId("status").textContent =
    "このブラウザーでは検証できません。Chrome・Edge 137 以降、Firefox 130 以降、Safari 17 以降をお使いください。 / This browser is too old to verify a pack.";
  byId("drop").disabled = true;
}
byId("archive").addEventListener("change", ({ target }) => {
  if (target.files.length) chooseParts(target.files);
});
byId("folder").addEventListener("change", ({ target }) => {
  const told = [...target.files].map((file) => [file.webkitRelativePath, file]);
  if (told.length) choose(`${told[0][0].split("/")[0]}/`, () => openFolder(told));
});
byId("drop").addEventListener("dragover", (event) => {
  event.preventDefault();
  byId("drop").classList.add("over");
});
byId("drop").addEventListener("dragleave", () => byId("drop").classList.remove("over"));
byId("drop").addEventListener("drop", dropped);
byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
byId("print").addEventListener("click", () => window.print());
