// A ZIP archive, read piece by piece. The central directory is the truth; whatever another reader could see otherwise
// (a local header that differs, bytes that belong to nobody, a name twice) is refused.

const UNICODE_PATH = 0x7075; // an extra field by which some tools rename a member
const ZIP64 = 1;
const FULL16 = 0xffff;
const FULL32 = 0xffffffff;
const KNOWN_FLAGS = 0b1000_0000_1110; // how hard it was packed, sizes after the data, a name of UTF-8
const SIZES_AFTER = 8;
const UTF8_NAME = 2 ** 11;
const SLICE = 2 ** 14; // packed bytes given to the inflater at once: it makes up to a thousand times as many of them

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

async function joined(file) {
  if (file.size > MOST_BYTES) throw new Refused(file.path, "大きすぎて読めません", "is larger than any that is read");
  const whole = new Uint8Array(file.size);
  let at = 0;
  for await (const piece of file.pieces()) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

async function* piecesOf(stream) {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function sliced() {
  // An inflater makes all that is in a piece before it waits for its reader; pieces are therefore made small.
  return new TransformStream({
    transform(piece, out) {
      for (let at = 0; at < piece.length; at += SLICE) out.enqueue(piece.subarray(at, at + SLICE));
    },
  });
}

class Unpacked {
  // A file of an unpacked folder.
  constructor(path, blob) {
    this.path = path;
    this.size = blob.size;
    this.blob = blob;
  }

  pieces() {
    return piecesOf(this.blob.stream());
  }

  bytes() {
    return joined(this);
  }
}

class Member {
  // A file of an archive; `end` is where the next one, or the directory, begins.
  constructor(archive, told, path) {
    Object.assign(this, told, { archive, path });
  }

  bytes() {
    return joined(this);
  }

  async *pieces() {
    const from = await this._start();
    const packed = this.archive.slice(from, from + this.packed).stream();
    let size = 0;
    let crc = -1;
    try {
      const inflated = () => packed.pipeThrough(sliced()).pipeThrough(new DecompressionStream("deflate-raw"));
      const stream = this.method ? inflated() : packed;
      for await (const piece of piecesOf(stream)) {
        size += piece.length;
        if (size > this.size) break;
        for (let at = 0; at < piece.length; at += 1) crc = CRC[(crc ^ piece[at]) & 255] ^ (crc >>> 8);
        yield piece;
      }
    } catch {
      throw new Refused(shown(this.name), "ZIP の中身が壊れています", "its packed bytes are damaged");
    }
    if (size !== this.size || (crc ^ -1) >>> 0 !== this.crc) {
      throw new Refused(shown(this.name), "ZIP の大きさまたは CRC と違います", "is not of the size or CRC told");
    }
  }

  async _start() {
    // Where the data begin; the local header must tell what the directory tells.
    const bad = new Refused(shown(this.name), "ZIP の2つの見出しが違います", "its two headers in the archive differ");
    const head = await viewOf(this.archive, this.at, 30);
    const nameSize = head.getUint16(26, true);
    const from = this.at + 30 + nameSize + head.getUint16(28, true);
    if (head.getUint32(0, true) !== 0x04034b50 || from + this.packed > this.end) throw bad;
    const rest = await bytesAt(this.archive, this.at + 30, from - this.at - 30);
    const extra = extrasOf(rest.subarray(nameSize), this.name);
    const sizes = [head.getUint32(22, true), head.getUint32(18, true)];
    const [size, packed] = widened(sizes, extra.get(ZIP64), this.name);
    const after = this.flags & SIZES_AFTER;
    const crc = head.getUint32(14, true);
    const told = crc === this.crc && size === this.size && packed === this.packed;
    if (
      !same(rest.subarray(0, nameSize), this.rawName) ||
      head.getUint16(6, true) !== this.flags ||
      head.getUint16(8, true) !== this.method ||
      !(told || (after && crc === 0 && size === 0 && packed === 0))
    ) {
      throw bad;
    }
    const left = this.end - from - this.packed;
    if (left && !(after && left <= 24 && this._describes(await viewOf(this.archive, this.end - left, left)))) {
      throw new Refused(shown(this.name), "ZIP の中に余分なバイトがあります", "bytes that belong to nobody follow it");
    }
    return from;
  }

  _describes(view) {
    // The sizes after the data: with or without a signature, in four or in eight bytes each.
    const from = view.byteLength % 8 === 0 && view.getUint32(0, true) === 0x08074b50 ? 4 : 0;
    const rest = view.byteLength - from;
    if (![12, 20].includes(rest) || view.getUint32(from, true) !== this.crc) return false;
    const read = rest === 20 ? (at) => Number(view.getBigUint64(at, true)) : (at) => view.getUint32(at, true);
    return read(from + 4) === this.packed && read(from + 4 + (rest - 4) / 2) === this.size;
  }
}

async function bytesAt(blob, from, size) {
  const bytes = new Uint8Array(await blob.slice(from, from + size).arrayBuffer());
  if (bytes.length !== size) throw new Refused("ZIP", "途中で切れています", "is cut off");
  return bytes;
}

async function viewOf(blob, from, size) {
  return new DataView((await bytesAt(blob, from, size)).buffer);
}

function extrasOf(bytes, name) {
  const told = new Map();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length; ) {
    const id = at + 4 <= bytes.length ? view.getUint16(at, true) : UNICODE_PATH;
    const end = at + 4 <= bytes.length ? at + 4 + view.getUint16(at + 2, true) : Infinity;
    if (id === UNICODE_PATH || told.has(id) || end > bytes.length) {
      throw new Refused(shown(name), "ZIP の拡張項目を読めません", "has an extra field that is not read");
    }
    told.set(id, new DataView(bytes.buffer, bytes.byteOffset + at + 4, end - at - 4));
    at = end;
  }
  return told;
}

function widened(values, zip64, name) {
  // The numbers that did not fit into 32 bits stand in the ZIP64 field, in order.
  let at = 0;
  return values.map((value) => {
    if (value !== FULL32) return value;
    if (!zip64 || at + 8 > zip64.byteLength) {
      throw new Refused(shown(name), "ZIP64 の大きさがありません", "does not tell its ZIP64 size");
    }
    at += 8;
    return Number(zip64.getBigUint64(at - 8, true));
  });
}

async function directoryOf(archive) {
  // Where the directory lies and how many members it has: the archive ends with it, without a byte more.
  const bad = new Refused(
    "ZIP",
    "ZIP ではないか、前後に余分なデータまたはコメントがあります",
    "is no ZIP archive, or has data or a comment around it",
  );
  if (archive.size < 22) throw bad;
  const end = await viewOf(archive, archive.size - 22, 22);
  if (end.getUint32(0, true) !== 0x06054b50 || end.getUint32(4, true) || end.getUint16(20, true)) throw bad;
  let told = [end.getUint16(10, true), end.getUint32(12, true), end.getUint32(16, true)];
  if (end.getUint16(8, true) !== told[0]) throw bad;
  let stop = archive.size - 22;
  const wide = stop >= 76 ? await viewOf(archive, stop - 76, 76) : null;
  if (wide?.getUint32(56, true) === 0x07064b50) {
    const [count, size, at] = [32, 40, 48].map((place) => Number(wide.getBigUint64(place, true)));
    const fits = told.every((one, place) => one === [count, size, at][place] || one === (place ? FULL32 : FULL16));
    const sound =
      wide.getUint32(0, true) === 0x06064b50 && wide.getBigUint64(4, true) === 44n && !wide.getBigUint64(16, true) &&
      wide.getBigUint64(24, true) === BigInt(count) && !wide.getUint32(60, true) &&
      wide.getBigUint64(64, true) === BigInt(stop - 76) && wide.getUint32(72, true) === 1;
    if (!fits || !sound) throw bad;
    told = [count, size, at];
    stop -= 76;
  }
  const [count, size, at] = told;
  if (at + size !== stop || size > MOST_BYTES || count * 46 > size) throw bad;
  return { count, at, bytes: await bytesAt(archive, at, size) };
}

function memberAt(bytes, from) {
  // One entry of the directory, and where the next one begins.
  const view = new DataView(bytes.buffer, bytes.byteOffset + from);
  if (view.byteLength < 46 || view.getUint32(0, true) !== 0x02014b50) {
    throw new Refused("ZIP", "一覧が壊れています", "its directory is damaged");
  }
  const [nameSize, extraSize, commentSize] = [28, 30, 32].map((at) => view.getUint16(at, true));
  const rawName = bytes.subarray(from + 46, from + 46 + nameSize);
  const flags = view.getUint16(8, true);
  const name = utf8(rawName, "ZIP");
  const next = from + 46 + nameSize + extraSize + commentSize;
  if (next > bytes.length) throw new Refused("ZIP", "一覧が壊れています", "its directory is damaged");
  const extra = extrasOf(bytes.subarray(from + 46 + nameSize, next - commentSize), name);
  const numbers = [24, 20, 42].map((at) => view.getUint32(at, true));
  const [size, packed, at] = widened(numbers, extra.get(ZIP64), name);
  const told = { name, rawName, flags, size, packed, at, method: view.getUint16(10, true), crc: view.getUint32(16, true) };
  const unix = [3, 19].includes(view.getUint8(5)) ? view.getUint16(40, true) >>> 12 : 0;
  const folder = name.endsWith("/");
  const bad = (ja, en) => new Refused(shown(name), ja, en);
  if (flags & ~KNOWN_FLAGS) throw bad("暗号化または未知の形式です", "is encrypted or of an unknown kind");
  if (!(flags & UTF8_NAME) && /[^\x20-\x7e]/.test(name)) throw bad("名前の文字コードが不明です", "its name is of no told encoding");
  if (![0, 8].includes(told.method)) throw bad("圧縮方式が不明です", "is packed by another method");
  if (!told.method && size !== packed) throw bad("ZIP の大きさが違います", "has two sizes");
  if (view.getUint16(34, true) || commentSize) throw bad("分割またはコメントがあります", "has a comment or another volume");
  if (![0, folder ? 4 : 8].includes(unix)) throw bad("通常のファイルではありません", "is no regular file");
  if (folder && size) throw bad("フォルダーに中身があります", "is a folder with bytes");
  return { told, next };
}

async function openZip(archive) {
  // The files of the one folder in an archive, by their paths in it.
  const { count, at, bytes } = await directoryOf(archive);
  const members = [];
  let place = 0;
  while (place < bytes.length) {
    const { told, next } = memberAt(bytes, place);
    members.push(told);
    place = next;
  }
  if (members.length !== count) throw new Refused("ZIP", "一覧の件数が違います", "its directory has another count");
  const ordered = [...members].sort((one, other) => one.at - other.at);
  ordered.forEach((one, number) => {
    one.end = ordered[number + 1]?.at ?? at;
    if ((number === 0 && one.at) || one.at + 30 + one.rawName.length + one.packed > one.end) {
      throw new Refused(shown(one.name), "ZIP の中で重なっているか、前に余分なデータがあります", "overlaps another or begins late");
    }
  });
  const { files, folders } = inOneFolder(archive, members);
  for (const folder of folders) for await (const _ of folder.pieces()); // its headers too are compared
  return { files, folders: folders.map((one) => one.path) };
}

function inOneFolder(archive, members) {
  const files = new Map();
  const folders = [];
  const seen = new Set();
  const top = members[0]?.name.split("/")[0];
  for (const one of members) {
    const [first, ...rest] = one.name.replace(/\/$/, "").split("/");
    const parts = [first, ...rest];
    const leads = /[\\:\p{Cc}]/u.test(one.name) || parts.some((part) => ["", ".", ".."].includes(part));
    if (leads) throw new Refused(shown(one.name), "別の場所を指す名前です", "its name leads elsewhere");
    if (first !== top) throw new Refused(shown(one.name), "フォルダーの外にあります", "stands beside the one folder");
    const key = one.name.toLowerCase().replace(/\/$/, "");
    if (seen.has(key)) throw new Refused(shown(one.name), "名前が2度あります", "its name stands twice");
    seen.add(key);
    const path = rest.join("/");
    if (one.name.endsWith("/")) folders.push(new Member(archive, one, path));
    else if (path) files.set(path, new Member(archive, one, path));
    else throw new Refused(shown(one.name), "フォルダーの外にあります", "stands beside the one folder");
  }
  return { files, folders };
}

function openFolder(told) {
  // The files of a folder that was chosen or dropped: [path with the folder's name, blob]; a folder has no blob.
  const files = new Map();
  const folders = [];
  for (const [name, blob] of told) {
    const path = name.split("/").slice(1).join("/");
    if (blob) files.set(path, new Unpacked(path, blob));
    else folders.push(path);
  }
  return { files, folders };
}
