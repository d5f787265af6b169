// Lines and tables, read piece by piece.

const BOM = "\ufeff";

async function* linesOf(file) {
  // The lines of a file as bytes, without their line feeds; only a line feed ends one.
  let rest = new Uint8Array(0);
  for await (const piece of file.pieces()) {
    let from = 0;
    for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, from)) {
      yield rest.length ? concatenated(rest, piece.subarray(from, at)) : piece.subarray(from, at);
      rest = new Uint8Array(0);
      from = at + 1;
    }
    rest = concatenated(rest, piece.subarray(from));
    if (rest.length > MOST_BYTES) throw new Refused(file.path, "1行が長すぎます", "has a line longer than any that is read");
  }
  if (rest.length) throw new Refused(file.path, "最後の行が終わっていません", "its last line has no end");
}

function concatenated(one, other) {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

async function* textOf(file) {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    for await (const piece of file.pieces()) yield decoder.decode(piece, { stream: true });
    yield decoder.decode();
  } catch (error) {
    throw error instanceof TypeError ? new Refused(file.path, "UTF-8 ではありません", "is not UTF-8") : error;
  }
}

const FIELD_AT = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r\n)/y;
const MOST_OF_A_FIELD = 2 ** 24;

async function* recordsOf(file) {
  // The records of a CSV file (RFC 4180, UTF-8 with BOM), the names first.
  let text = "";
  let record = [];
  let begun = false;
  for await (const piece of textOf(file)) {
    text += piece;
    if (!begun && text) {
      if (!text.startsWith(BOM)) throw new Refused(file.path, "BOM がありません", "has no byte order mark");
      text = text.slice(1);
      begun = true;
    }
    let at = 0;
    for (;;) {
      FIELD_AT.lastIndex = at;
      const found = FIELD_AT.exec(text);
      if (!found) break;
      const field = found[1]?.replaceAll('""', '"') ?? found[2];
      record.push(field.startsWith("'") ? field.slice(1) : field);
      at = FIELD_AT.lastIndex;
      if (found[3] === ",") continue;
      yield record;
      record = [];
    }
    text = text.slice(at);
    if (text.length > MOST_OF_A_FIELD) break;
  }
  if (text || record.length) throw new Refused(file.path, "CSV の形ではありません", "is no CSV table");
}

async function* rowsOf(file, needed) {
  // The rows of a CSV file as objects; each has the columns that are needed, and none stands twice.
  let names = null;
  let number = 0;
  for await (const record of recordsOf(file)) {
    number += 1;
    if (!names) {
      names = record;
      const whole = new Set(names).size === names.length && needed.every((one) => names.includes(one));
      if (!whole) throw new Refused(file.path, "列が足りないか、2度あります", "lacks a column, or has one twice");
      continue;
    }
    if (record.length !== names.length) {
      throw new Refused(`${file.path}:${number}`, "列の数が違います", "has another number of fields");
    }
    yield Object.fromEntries(needed.map((one) => [one, record[names.indexOf(one)]]));
  }
  if (!names) throw new Refused(file.path, "CSV の形ではありません", "is no CSV table");
}
