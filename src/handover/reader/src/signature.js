// The signature of MANIFEST: SSHSIG by an Ed25519 key, exactly as `ssh-keygen -Y sign` writes it.

import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { ascii, base64, join, same, sha256 } from './bytes.js';
import { Refusal, must } from './refusal.js';

const NAMESPACE = 'bundle@sandyq';
const MAGIC = ascii('SSHSIG');
const BEGIN = '-----BEGIN SSH SIGNATURE-----\n';
const END = '-----END SSH SIGNATURE-----\n';

/** Checks that `key` signed `message`. Throws a refusal that says what differs. */
export function verify(armoured, message, key) {
  const parts = parse(unarmour(armoured));
  must(parts.namespace === NAMESPACE, 'signature.namespace', parts.namespace.slice(0, 60));
  must(parts.hash === 'sha512', 'signature.hash', parts.hash.slice(0, 60));
  must(parts.signer !== null && parts.signature !== null, 'signature.kind');
  must(same(armour(encode(parts)), armoured), 'signature.form');
  must(same(parts.signer, key), 'signature.other_key');
  must(fits(parts.signature, signedBytes(message), key), 'signature.wrong');
}

/** Returns the 32 bytes of the key in `allowed_signers`, which holds one line and nothing else. */
export function allowedSigner(file) {
  const line = String.fromCharCode(...file);
  const found = line.match(/^handover namespaces="bundle@sandyq" (ssh-ed25519 [A-Za-z0-9+/=]+)\n$/);
  must(found, 'signers.form', 'allowed_signers');
  return publicKey(found[1]);
}

function publicKey(text) {
  const key = decode64(text.slice('ssh-ed25519 '.length), 'signers.form').slice(-32);
  must(key.length === 32 && publicText(key) === text, 'signers.form', 'allowed_signers');
  return key;
}

/** Returns a key as `allowed_signers` and `records.json` write it. */
export const publicText = (key) => `ssh-ed25519 ${base64.encode(publicBlob(key))}`;

/** Returns what `ssh-keygen -l` prints for a key: `SHA256:` and 43 letters. */
export const fingerprint = (key) => `SHA256:${base64.encode(sha256(publicBlob(key))).replace('=', '')}`;

const publicBlob = (key) => join(string(ascii('ssh-ed25519')), string(key));

function fits(signature, message, key) {
  try {
    return ed25519.verify(signature, message, key, { zip215: false });
  } catch {
    return false;
  }
}

const signedBytes = (message) =>
  join(MAGIC, string(ascii(NAMESPACE)), string([]), string(ascii('sha512')), string(sha512(message)));

function unarmour(bytes) {
  const lines = String.fromCharCode(...bytes.subarray(0, 4096));
  must(bytes.length <= 4096 && lines.startsWith(BEGIN) && lines.endsWith(END), 'signature.form');
  return decode64(lines.slice(BEGIN.length, -END.length).replaceAll('\n', ''), 'signature.form');
}

const armour = (blob) =>
  ascii(BEGIN + base64.encode(blob).replace(/.{1,70}/g, '$&\n') + END);

function parse(blob) {
  const read = reader(blob);
  must(same(read.bytes(6), MAGIC) && read.number() === 1, 'signature.form');
  const signer = ed25519Part(read.string(), 32);
  const namespace = String.fromCharCode(...read.string());
  read.string(); // reserved: refused below by encoding it anew as empty
  const hash = String.fromCharCode(...read.string());
  return { signer, namespace, hash, signature: ed25519Part(read.string(), 64) };
}

/** Returns the key or the signature inside, or null where it is of another kind. */
function ed25519Part(blob, length) {
  const read = reader(blob);
  if (String.fromCharCode(...read.string()) !== 'ssh-ed25519') return null;
  const part = read.string();
  must(part.length === length, 'signature.form');
  return part;
}

const encode = ({ signer, namespace, hash, signature }) =>
  join(
    MAGIC,
    [0, 0, 0, 1],
    string(publicBlob(signer)),
    string(ascii(namespace)),
    string([]),
    string(ascii(hash)),
    string(join(string(ascii('ssh-ed25519')), string(signature))),
  );

function string(bytes) {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return join(length, bytes);
}

function reader(blob) {
  let at = 0;
  const bytes = (length) => {
    must(at + length <= blob.length, 'signature.form');
    at += length;
    return blob.subarray(at - length, at);
  };
  const number = () => new DataView(bytes(4).slice().buffer).getUint32(0);
  return { bytes, number, string: () => bytes(number()) };
}

function decode64(text, code) {
  try {
    return base64.decode(text);
  } catch {
    throw new Refusal(code);
  }
}
