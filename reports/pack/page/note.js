// Signed notes and keys, C2SP signed-note with Ed25519. The signature itself is WebCrypto's.

const DASH = "\u2014 ";
const ED25519 = 1; // the kind of key that a verification key begins with
const MOST_SIGNATURES = 64;
const FIELD = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const CURVE = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
const EIGHT = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n; // y of a point of order 8
const SMALL = [1n, FIELD - 1n, 0n, EIGHT, FIELD - EIGHT]; // the y of every point of order 1, 2, 4 and 8

class Key {
  // A verification key: name, id and the public key, from its one text form.
  constructor(text, where) {
    const told = /^([^+\s\p{Cc}]+)\+([0-9a-f]{8})\+(.+)$/u.exec(text);
    const bad = (ja, en) => new Refused(where, ja, en);
    const whole = ["検証鍵の形ではありません。全体を写してください", "is no verification key; copy it whole"];
    if (!told) throw bad(...whole);
    const content = bytesOfBase64(told[3], where);
    [this.text, this.name] = [text, told[1]];
    this.id = sha256(ENCODER.encode(`${this.name}\n`), content).subarray(0, 4);
    this.public = content.subarray(1);
    if (content.length !== 33 || content[0] !== ED25519 || hexOf(this.id) !== told[2]) throw bad(...whole);
    if (!isSoundPoint(this.public)) throw bad("鍵が曲線上の正しい点ではありません", "the key is no sound point of the curve");
  }

  bears(signature) {
    return signature.name === this.name && same(signature.id, this.id);
  }

  async signed(text, signature) {
    if (signature.length !== 64 || littleEndian(signature.subarray(32)) >= ORDER) return false;
    const key = await crypto.subtle.importKey("raw", this.public, "Ed25519", false, ["verify"]);
    return crypto.subtle.verify("Ed25519", key, signature, text);
  }
}

function littleEndian(bytes) {
  return BigInt(`0x${hexOf(Uint8Array.from(bytes).reverse())}`);
}

function power(base, exponent) {
  let told = 1n;
  for (let one = base % FIELD, left = exponent; left; left >>= 1n, one = (one * one) % FIELD) {
    if (left & 1n) told = (told * one) % FIELD;
  }
  return told;
}

function isSoundPoint(bytes) {
  // On the curve, in the one form, and not of small order: browsers differ on each of the three.
  const whole = littleEndian(bytes);
  const y = whole & (2n ** 255n - 1n);
  if (y >= FIELD || SMALL.includes(y)) return false;
  const square = (y * y) % FIELD;
  const x = ((square + FIELD - 1n) * power(CURVE * square + 1n, FIELD - 2n)) % FIELD;
  return power(x, (FIELD - 1n) / 2n) === 1n;
}

async function canVerify() {
  // Whether this browser knows Ed25519: the second test of RFC 8032, and the same with another message.
  const key = bytesOfHex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const signature = bytesOfHex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  );
  try {
    const read = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
    const answers = [0x72, 0x73].map((byte) => crypto.subtle.verify("Ed25519", read, signature, Uint8Array.of(byte)));
    const [right, wrong] = await Promise.all(answers);
    return right && !wrong;
  } catch {
    return false;
  }
}

function noteOf(bytes, where) {
  // The text of a note and its signatures, none of them verified yet.
  const whole = utf8(bytes, where);
  const bad = (ja, en) => new Refused(where, ja, en);
  if (/[^\P{Cc}\n]/u.test(whole)) throw bad("制御文字があります", "holds a control character");
  const cut = whole.lastIndexOf("\n\n");
  if (cut < 0 || !whole.endsWith("\n") || cut + 2 === whole.length) {
    throw bad("署名がありません", "has no text, empty line and signatures");
  }
  const lines = whole.slice(cut + 2, -1).split("\n");
  if (lines.length > MOST_SIGNATURES) throw bad("署名が多すぎます", "bears too many signatures");
  const signatures = lines.map((line) => {
    const told = /^\u2014 ([^+\s\p{Cc}]+) (\S+)$/u.exec(line);
    if (!told) throw bad("署名の行の形ではありません", "has a line that is no signature");
    const content = bytesOfBase64(told[2], where);
    if (content.length < 5) throw bad("署名が短すぎます", "has a signature that is too short");
    return { name: told[1], id: content.subarray(0, 4), content: content.subarray(4) };
  });
  if (new Set(signatures.map((one) => `${one.name} ${hexOf(one.id)}`)).size < signatures.length) {
    throw bad("同じ鍵の署名が2つあります", "bears two signatures of one key");
  }
  return { text: whole.slice(0, cut + 1), signatures };
}

function headOf(note, origin, where) {
  // Size and root of a checkpoint: three lines and no more.
  const told = /^([^\n]+)\n(0|[1-9]\d{0,14})\n([^\n]+)\n$/.exec(note.text);
  if (!told) throw new Refused(where, "checkpoint の形ではありません", "is no checkpoint of three lines");
  const root = bytesOfBase64(told[3], where);
  if (root.length !== 32) throw new Refused(where, "checkpoint の形ではありません", "is no checkpoint of three lines");
  if (told[1] !== origin) throw new Refused(where, "別の台帳の checkpoint です", `is of the log ${shown(told[1])}`);
  return { size: Number(told[2]), root };
}

async function requireSigned(note, key, where) {
  // That a key signed a note; signatures of others beside it are no fault.
  const found = note.signatures.find((one) => key.bears(one));
  if (!found || !(await key.signed(ENCODER.encode(note.text), found.content))) {
    throw new Refused(where, `署名が ${shown(key.name)} の鍵のものではありません`, `the signature is not ${shown(key.name)}'s`);
  }
}
