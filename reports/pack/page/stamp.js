// The time stamp of the ledger's head (RFC 3161): that it is of this head, and what it says. Who gave it, openssl proves.

const STAMP = "checkpoint.tsr";
const CHAIN = "tsa-chain.pem";
const SIGNED_DATA = "2a864886f70d010702";
const STAMP_INFO = "2a864886f70d0109100104";
const SHA256 = "608648016503040201";
const [INTEGER, OCTETS, OID, TIME, SEQUENCE, SET, FIRST] = [0x02, 0x04, 0x06, 0x18, 0x30, 0x31, 0xa0];
const MORE = null;

function derOf(bytes) {
  // The elements of DER, one after another: tag and content.
  const found = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at];
    let size = bytes[at + 1];
    at += 2;
    if (size > 0x80 && size <= 0x84) {
      const wide = bytes.subarray(at, at + size - 0x80);
      if (wide.length !== size - 0x80) throw new RangeError("DER");
      at += wide.length;
      size = wide.reduce((told, byte) => told * 256 + byte, 0);
    } else if (!(size < 0x80)) {
      throw new RangeError("DER");
    }
    if (at + size > bytes.length) throw new RangeError("DER");
    found.push({ tag, content: bytes.subarray(at, at + size) });
    at += size;
  }
  return found;
}

function within(bytes, ...tags) {
  // What follows each other in DER, which has just these tags; more after them where MORE ends.
  const found = derOf(bytes);
  const wanted = tags.filter((tag) => tag !== MORE);
  const fits = wanted.every((tag, place) => found[place]?.tag === tag) && (wanted.length < tags.length || found.length === tags.length);
  if (!fits) throw new RangeError("DER");
  return found.map((one) => one.content);
}

function stampOf(reply) {
  // The hash that a reply is of, and its time.
  const [response] = within(reply, SEQUENCE);
  const [status, content] = within(response, SEQUENCE, SEQUENCE);
  const [kind, wrapped] = within(content, OID, FIRST);
  const [signed] = within(wrapped, SEQUENCE);
  const [, , encapsulated] = within(signed, INTEGER, SET, SEQUENCE, MORE);
  const [type, contained] = within(encapsulated, OID, FIRST);
  const [inner] = within(contained, OCTETS);
  const [info] = within(inner, SEQUENCE);
  const [, , imprint, , time] = within(info, INTEGER, OID, SEQUENCE, INTEGER, TIME, MORE);
  const [algorithm, hash] = within(imprint, SEQUENCE, OCTETS);
  const granted = ["00", "01"].includes(hexOf(within(status, INTEGER, MORE)[0]));
  const kinds = [kind, type, within(algorithm, OID, MORE)[0]].map(hexOf).join();
  if (!granted || hash.length !== 32 || kinds !== [SIGNED_DATA, STAMP_INFO, SHA256].join()) throw new RangeError("DER");
  const at = String.fromCharCode(...time).replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?Z$/, "$1-$2-$3T$4:$5:$6Z");
  instantOf(at, STAMP);
  return { hash, at };
}

async function checkStamp(pack) {
  const reply = await pack.bytes(STAMP);
  pack.file(CHAIN);
  let told;
  try {
    told = stampOf(reply);
  } catch {
    throw new Refused(STAMP, "タイムスタンプの形ではありません", "is no time stamp");
  }
  if (hexOf(told.hash) !== pack.digests.get(HEAD)) {
    throw new Refused(STAMP, `別のもの(${HEAD} でない)のタイムスタンプです`, `is a stamp of something else than ${HEAD}`);
  }
  pack.stamped = told.at;
}
