// The time stamp of the ledger's head (RFC 3161): that it is of this head, and what it says. Who gave it, openssl proves.

const STAMP = "checkpoint.tsr";
const SIGNED_DATA = "2a864886f70d010702";
const STAMP_INFO = "2a864886f70d0109100104";
const SHA256 = "608648016503040201";
const [INTEGER, OCTETS, OID, TIME, SEQUENCE, SET, FIRST] = [0x02, 0x04, 0x06, 0x18, 0x30, 0x31, 0xa0];

function derOf(bytes) {
  // The elements of DER, one after another: tag and content.
  const found = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at];
    let size = bytes[at + 1];
    at += 2;
    if (size > 0x80 && size <= 0x84) {
      const wide = bytes.subarray(at, at + size - 0x80);
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
  // The elements of DER, which must begin with these tags.
  const found = derOf(bytes);
  if (tags.some((tag, place) => found[place]?.tag !== tag)) throw new RangeError("DER");
  return found.map((one) => one.content);
}

function stampOf(reply) {
  // The hash that a reply is of, and its time as it stands there.
  const [[response], more] = [within(reply, SEQUENCE), derOf(reply).length];
  const [status, content] = within(response, SEQUENCE, SEQUENCE);
  const [kind, wrapped] = within(content, OID, FIRST);
  const [signed] = within(wrapped, SEQUENCE);
  const [, , encapsulated] = within(signed, INTEGER, SET, SEQUENCE);
  const [type, inner] = within(encapsulated, OID, FIRST);
  const [info] = within(within(inner, OCTETS)[0], SEQUENCE);
  const [, , imprint, , time] = within(info, INTEGER, OID, SEQUENCE, INTEGER, TIME);
  const [algorithm, hash] = within(imprint, SEQUENCE, OCTETS);
  const granted = littleEndian(within(status, INTEGER)[0]) <= 1n;
  const kinds = [kind, type, within(algorithm, OID)[0]].map(hexOf).join();
  if (more !== 1 || !granted || kinds !== [SIGNED_DATA, STAMP_INFO, SHA256].join()) throw new RangeError("DER");
  return { hash, time: String.fromCharCode(...time) };
}

async function checkStamp(pack) {
  const reply = await pack.bytes(STAMP);
  let told;
  try {
    told = stampOf(reply);
  } catch {
    throw new Refused(STAMP, "タイムスタンプの形ではありません", "is no time stamp");
  }
  if (hexOf(told.hash) !== pack.digests.get(HEAD)) {
    throw new Refused(STAMP, `別のもの(${HEAD} でない)のタイムスタンプです`, `is a stamp of something else than ${HEAD}`);
  }
  pack.stamped = told.time;
}
