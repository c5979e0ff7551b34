// Computes the golden files of docs/formats/keys.md with Node's crypto module alone, from
// the document and not from our code: `node make.mjs`, in this folder. It never writes over
// a file that is there: a golden file changes with its version number only.

import { createCipheriv, createHash, createHmac, hkdfSync } from "node:crypto";
import { writeFileSync } from "node:fs";

const text = (value) => Buffer.from(value, "utf8");
const repeat = (byte) => Buffer.alloc(32, byte);
const u8 = (value) => Buffer.from([value]);
const u16 = (value) => { const out = Buffer.alloc(2); out.writeUInt16BE(value); return out; };
const u32 = (value) => { const out = Buffer.alloc(4); out.writeUInt32BE(value); return out; };
const u64 = (value) => { const out = Buffer.alloc(8); out.writeBigUInt64BE(BigInt(value)); return out; };

const lengthPrefixed = (...parts) => Buffer.concat(parts.flatMap((part) => [u64(part.length), part]));
const shortText = (value) => Buffer.concat([u8(text(value).length), text(value)]);
const hmac = (key, data) => createHmac("sha256", key).update(data).digest();
const commitment = (key) => hmac(key, lengthPrefixed(text("steward/key-commitment/v1"))).subarray(0, 16);

/** AES-256-GCM: ciphertext and tag. */
function gcm(key, nonce, associated, plaintext) {
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(associated);
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** Crockford's base 32, lower case. */
function base32(bytes) {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const quintets = bits.match(/.{1,5}/g).map((quintet) => parseInt(quintet.padEnd(5, "0"), 2));
  return quintets.map((digit) => "0123456789abcdefghjkmnpqrstvwxyz"[digit]).join("");
}

function write(file, title, fields) {
  const lines = Object.entries(fields).map(([name, value]) =>
    `${name} = ${Buffer.isBuffer(value) ? value.toString("hex") : value}`);
  writeFileSync(file, [`# ${title}`, ...lines, ""].join("\n"), { flag: "wx" });
}

const subject = "sub_00000000000000000000000001";
const nonce = Buffer.from("000102030405060708090a0b", "hex");

{
  const [key, lifetime, version, table, column] = [repeat(0x11), "account", 3, 7, 2];
  const value = "val_00000000000000000000000002";
  const plaintext = "Ada Lovelace";
  const info = lengthPrefixed(text("steward/subkey/v1"), text("vault"), text("value"), u16(version));
  const subkey = Buffer.from(hkdfSync("sha256", key, Buffer.alloc(0), info, 32));
  const associated = lengthPrefixed(
    text("steward/value/v1"), u16(table), u16(column), text(subject), text(value), text(lifetime));
  const sealed = Buffer.concat([u8(1), u16(version), nonce, gcm(subkey, nonce, associated, text(plaintext))]);
  const purpose = "newsletter";
  const tag = hmac(subkey, lengthPrefixed(text("steward/token/v1"), text(purpose), text(plaintext)));
  write("sealed-value-v1.txt", "Sealed value, subkey (room vault, field class value) and token", {
    key, lifetime, version, table, column, subject, value, plaintext, nonce, info, subkey,
    "associated-data": associated, sealed, "token-purpose": purpose,
    token: `tok_${base32(tag.subarray(0, 16))}`,
  });
}

{
  const epoch = 5;
  const [epochKey, traceKey, accountKey] = [repeat(0x21), repeat(0x22), repeat(0x23)];
  const entry = (name, version, key) => Buffer.concat([shortText(name), u16(version), key, commitment(key)]);
  const entries = Buffer.concat([u16(3), entry("", 1, traceKey), entry("account", 2, accountKey)]);
  const associated = lengthPrefixed(
    text("steward/key-record/v1"), text(subject), text("person"), u32(epoch));
  const body = Buffer.concat([u8(1), u32(epoch), nonce, gcm(epochKey, nonce, associated, entries)]);
  write("key-record-v1.txt", "Key record, part person, with the trace key and the lifetime account", {
    subject, epoch, "epoch-key": epochKey, "trace-key": traceKey,
    "trace-commitment": commitment(traceKey), "account-key": accountKey, nonce, entries,
    "associated-data": associated, body,
  });
}

{
  const epoch = 5;
  const epochKey = repeat(0x51);
  const entry = "ent_00000000000000000000000003";
  const replayKey = Buffer.from(
    hkdfSync("sha256", epochKey, Buffer.alloc(0), lengthPrefixed(text("steward/replay/v1")), 32));
  const subjectBytes = Buffer.alloc(16);
  subjectBytes[15] = 1;
  const associated = lengthPrefixed(text("steward/replay/v1"), text(entry), u32(epoch));
  const handle = Buffer.concat([u8(1), u32(epoch), nonce, gcm(replayKey, nonce, associated, subjectBytes)]);
  write("replay-handle-v1.txt", "Replay handle of an entry about one person", {
    subject, "subject-bytes": subjectBytes, epoch, "epoch-key": epochKey, "replay-key": replayKey, entry,
    nonce, "associated-data": associated, handle,
  });
}

{
  const [indexKey, tombstoneKey] = [repeat(0x31), repeat(0x32)];
  const [kind, version, identifier] = ["email", 1, "ada@example.org"];
  const input = lengthPrefixed(text(kind), u16(version), text(identifier));
  const apiKey = "00000000000000000000000000000000000000000000000000g0";
  write("identifier-hash-v1.txt", "Blind index, tombstone and API key hash", {
    "index-key": indexKey, "tombstone-key": tombstoneKey, kind, "normal-form-version": version,
    identifier, input, "blind-index": hmac(indexKey, input), tombstone: hmac(tombstoneKey, input),
    "api-key": apiKey,
    "api-key-hash": createHash("sha256").update(lengthPrefixed(text("steward/api-key/v1"), text(apiKey))).digest(),
  });
}

{
  const root = repeat(0x41);
  const header = (purpose, number) =>
    Buffer.concat([text("steward-key/v1\n"), shortText(purpose), u32(number)]);
  const committed = (key) => Buffer.concat([key, commitment(key)]);
  const wrapped = (purpose, number, key) => Buffer.concat([
    header(purpose, number), commitment(root), nonce,
    gcm(root, nonce, lengthPrefixed(text("steward/key-file/v1"), text(purpose), u32(number)), committed(key)),
  ]);
  const [epoch, index, tombstone, logSigning] = [repeat(0x42), repeat(0x43), repeat(0x44), repeat(0x45)];
  write("key-file-v1.txt", "Key files (one nonce for all, as only a golden file may)", {
    "root-key": root, nonce, epoch, index, tombstone, "log-signing": logSigning,
    "root.key": Buffer.concat([header("root", 0), committed(root)]),
    "epoch-000001.key": wrapped("epoch", 1, epoch),
    "index.key": wrapped("index", 0, index),
    "tombstone.key": wrapped("tombstone", 0, tombstone),
    "log-signing.key": wrapped("log-signing", 0, logSigning),
  });
}
