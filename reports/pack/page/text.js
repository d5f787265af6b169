"use strict";
// Texts are read strictly: one form of each, and nothing that two readers could see differently.

class Refused extends Error {
  // What is not of the form that docs/pack-format.md tells; `where` is the file or entry, said in both languages.
  constructor(where, ja, en) {
    super(`${where}: ${en}`);
    this.where = where;
    this.ja = ja;
    this.en = en;
  }
}

const MOST_BYTES = 2 ** 28; // of a file that is held whole, and of a line
const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const ENCODER = new TextEncoder();

function utf8(bytes, where) {
  try {
    return DECODER.decode(bytes);
  } catch {
    throw new Refused(where, "UTF-8 ではありません", "is not UTF-8");
  }
}

function hexOf(bytes) {
  let told = "";
  for (const byte of bytes) told += (byte < 16 ? "0" : "") + byte.toString(16);
  return told;
}

function bytesOfHex(hex) {
  return Uint8Array.from(hex.match(/../g) ?? [], (two) => Number.parseInt(two, 16));
}

function base64Of(bytes) {
  return btoa(String.fromCharCode(...bytes));
}

function bytesOfBase64(text, where) {
  // The one canonical form: atob alone lets blanks, a missing "=" and stray bits of the last digit pass.
  try {
    const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
    if (base64Of(bytes) === text) return bytes;
  } catch {} // eslint-disable-line no-empty -- refused below
  throw new Refused(where, "base64 が正規の形ではありません", "is not canonical base64");
}

function same(one, other) {
  return one.length === other.length && one.every((byte, place) => byte === other[place]);
}

const JSON_TOKEN = /\s*(?:("[^"\\]*(?:\\.[^"\\]*)*")|([{}[\],:])|([^\s"{}[\],:]+))/gy;

function jsonOf(text, where) {
  // JSON.parse takes a name twice (the last one wins) and 1e999; both are refused.
  let told;
  try {
    told = JSON.parse(text);
  } catch {
    throw new Refused(where, "JSON ではありません", "is not JSON");
  }
  const open = []; // of each object the names so far, of each array null
  let before = "";
  for (const [, string, mark, plain] of text.matchAll(JSON_TOKEN)) {
    if (mark === "{") open.push(new Set());
    else if (mark === "[") open.push(null);
    else if (mark === "}" || mark === "]") open.pop();
    const names = open.at(-1);
    if (string && names && (before === "{" || before === ",")) {
      const name = JSON.parse(string);
      if (names.has(name)) throw new Refused(where, "同じ名前が2度あります", "has a name twice");
      names.add(name);
    }
    if (plain && /^[-0-9]/.test(plain) && !Number.isFinite(Number(plain))) {
      throw new Refused(where, "数ではありません", "has a number without bound");
    }
    before = mark ?? "";
  }
  return told;
}

function canonicalOf(value) {
  // RFC 8785: names in order, no blanks; whole numbers and texts are as JSON.stringify writes them.
  if (Array.isArray(value)) return `[${value.map(canonicalOf).join(",")}]`;
  if (value === null || typeof value !== "object") {
    if (typeof value === "string" && /\p{Surrogate}/u.test(value)) throw new RangeError("half a character");
    if (typeof value === "number" && !Number.isSafeInteger(value)) throw new RangeError("no whole number below 2^53");
    return JSON.stringify(value);
  }
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${canonicalOf(name)}:${canonicalOf(value[name])}`).join(",")}}`;
}

function of(value, name) {
  // What an object says under a name, and nothing that every object of the language has.
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function isCount(value) {
  return Number.isSafeInteger(value) && value >= 0;
}

function isDigest(value) {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:Z|([+-])(\d\d):(\d\d))$/;

function instantOf(text, where) {
  // Microseconds since 1970; a Date has only milliseconds.
  const told = typeof text === "string" ? INSTANT.exec(text) : null;
  if (told) {
    const [year, month, day, hour, minute, second] = told.slice(1, 7).map(Number);
    const date = new Date(0);
    date.setUTCFullYear(year, month - 1, day);
    const sound = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
    if (sound && hour < 24 && minute < 60 && second < 60) {
      const away = (Number(told[9] ?? 0) * 60 + Number(told[10] ?? 0)) * (told[8] === "-" ? -1 : 1);
      const seconds = date.getTime() / 1000 + (hour * 60 + minute - away) * 60 + second;
      return BigInt(seconds) * 1_000_000n + BigInt((told[7] ?? "").padEnd(6, "0"));
    }
  }
  throw new Refused(where, "日時ではありません", "is not an instant");
}

function shown(value) {
  // A name that a forger chose, such that it cannot write a line or turn the reading direction.
  const text = String(value);
  const safe = text.replace(/[^\x20-\x7e]/gu, (one) => `\\u{${one.codePointAt(0).toString(16)}}`);
  return safe.length > 300 ? `${safe.slice(0, 300)}…` : safe;
}
