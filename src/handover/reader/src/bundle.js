// A bundle, checked whole before anything of it is shown: docs/formats/bundle.md.

import { hex, pause, same, sha256, text, utf8, wellFormed } from './bytes.js';
import { Refusal, must } from './refusal.js';
import { allowedSigner, fingerprint, publicText, verify } from './signature.js';
import { contents, members, unpack } from './zip.js';

const MANIFEST_LIMIT = 4 * 1024 * 1024;
const SMALL = 64 * 1024;
const LAST = ['MANIFEST', 'MANIFEST.sig', 'allowed_signers'];
const NEEDED = ['index.html', 'records.json', 'reply.json'];

/**
 * Checks everything and returns `{fingerprint, signer, count, manifest, about, reply, files, read}`.
 * `progress` hears shares from 0 to 1. Throws a refusal at the first thing that does not fit.
 */
export async function check(zip, progress) {
  const all = members(zip);
  const byName = new Map(all.map((member) => [member.name, member]));
  for (const name of LAST) must(byName.has(name), 'member.missing', name);
  const manifest = small(byName.get('MANIFEST'), MANIFEST_LIMIT, 'manifest.large');
  const key = allowedSigner(small(byName.get('allowed_signers'), SMALL, 'signers.form'));
  verify(small(byName.get('MANIFEST.sig'), SMALL, 'signature.form'), manifest, key);
  const listed = lines(manifest);
  compareNames(all, listed);
  await compareHashes(all, listed, progress);
  for (const name of NEEDED) must(listed.has(name), 'member.missing', name);
  const read = (name) => contents(byName.get(name));
  const { about, records } = recordsOf(read('records.json'), key);
  return {
    fingerprint: fingerprint(key),
    signer: key,
    count: listed.size,
    manifest: hex(sha256(manifest)),
    about,
    reply: replyOf(read('reply.json'), about.id),
    files: [...listed.keys()].map((name) => ({ name, size: byName.get(name).size, title: titleOf(name, records) })),
    read,
  };
}

/** Returns a member that is read before the signature is known, which must not be large. */
function small(member, limit, code) {
  must(member.size <= limit, code, member.name);
  const bytes = contents(member);
  if (member.method === 0) unpack(member, () => {});
  return bytes;
}

/** Returns name -> hash in the order of MANIFEST, which is what `sha256sum` prints and nothing else. */
function lines(manifest) {
  const listed = new Map();
  const all = plainText(manifest, 'manifest.form', 'MANIFEST');
  must(all.endsWith('\n'), 'manifest.form', 'MANIFEST');
  for (const [n, line] of all.slice(0, -1).split('\n').entries()) {
    const found = line.match(/^([0-9a-f]{64})  ([A-Za-z0-9._/-]+)$/);
    must(found, 'manifest.form', `MANIFEST, ${n + 1}`);
    must(!listed.has(found[2]), 'manifest.form', `MANIFEST, ${n + 1}`);
    listed.set(found[2], found[1]);
  }
  return listed;
}

function compareNames(all, listed) {
  const present = new Set(all.map(({ name }) => name));
  for (const name of listed.keys()) must(present.has(name) && !LAST.includes(name), 'manifest.absent', name);
  for (const name of present) must(listed.has(name) || LAST.includes(name), 'manifest.unlisted', name);
  const order = [...listed.keys(), ...LAST];
  must(all.every(({ name }, n) => name === order[n]), 'manifest.order');
}

async function compareHashes(all, listed, progress) {
  const total = all.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  for (const member of all) {
    if (!listed.has(member.name)) continue;
    const hash = sha256.create();
    unpack(member, (piece) => hash.update(piece));
    must(hex(hash.digest()) === listed.get(member.name), 'manifest.hash', member.name);
    progress((done += member.size) / total);
    await pause();
  }
}

function recordsOf(bytes, key) {
  const { bundle: about, records } = json(bytes, 'records.form', 'records.json');
  const known = about?.format === 'sandyq-bundle' && about.version === 1 && Array.isArray(records);
  must(known && /^[0-9a-f]{32}$/.test(about.id), 'records.form', 'records.json');
  must(about.signer === publicText(key), 'signers.records', 'records.json');
  return { about, records };
}

function replyOf(bytes, id) {
  const reply = json(bytes, 'reply.form', 'reply.json');
  const whole =
    reply?.version === 1 &&
    reply.bundle === id &&
    /^age1[02-9ac-hj-np-z]{58}$/.test(reply.recipient) &&
    /^[0-9a-f]{64}$/.test(reply.secret);
  must(whole, 'reply.form', 'reply.json');
  return reply;
}

/** Returns the name a file had when it was received, where a record says so. */
function titleOf(name, records) {
  const stored = name.match(/^files\/(.+)$/)?.[1];
  if (!stored) return name;
  const told = records.find((row) => row?.file?.member === name)?.record?.file_name;
  return typeof told === 'string' ? plainName(told) : stored;
}

/** Returns a file name without path, control and direction letters, which can make it look like another. */
export function plainName(name) {
  const odd = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff/\\:*?"<>|]/g;
  return [...wellFormed(name).replace(odd, '_').trim()].slice(-120).join('') || '_';
}

function json(bytes, code, where) {
  try {
    return JSON.parse(text(bytes)) ?? {};
  } catch {
    throw new Refusal(code, where);
  }
}

function plainText(bytes, code, where) {
  try {
    const plain = text(bytes);
    must(same(utf8(plain), bytes), code, where);
    return plain;
  } catch {
    throw new Refusal(code, where);
  }
}
