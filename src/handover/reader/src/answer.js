// Writes the answer: a zip sealed to the sender of the bundle, with a checksum under the bundle's secret.

import { Encrypter } from 'age-encryption';
import { zipSync } from 'fflate';
import { plainName } from './bundle.js';
import { hex, sha256, unhex, utf8, wellFormed } from './bytes.js';
import { Refusal, must } from './refusal.js';

/** The most that the files of one answer may have together, in bytes. */
export const ANSWER_LIMIT = 200 * 1000 * 1000;
const FILES = 100;
const PIECE = 1024 * 1024;
/** Zip times have no zone: a fixed one says nothing about the laptop. */
const NO_TIME = new Date(1980, 0, 1);

/**
 * Returns the sealed answer as a Blob.
 * `kind` is received, note or documents; `attached` is a list of `{file, what}`.
 */
export async function sealAnswer(bundle, { kind, note, attached }) {
  refuse(kind, note, attached);
  const files = await Promise.all(attached.map(readFile));
  const answer = utf8(JSON.stringify(describe(bundle, kind, note, files)));
  const members = { 'answer.json': answer, 'answer.mac': utf8(await mac(bundle.reply.secret, answer)) };
  for (const { entry, bytes } of files) members[entry.member] = bytes;
  const zip = zipSync(members, { level: 0, mtime: NO_TIME });
  for (const { bytes } of files) bytes.fill(0);
  return seal(bundle.reply.recipient, zip).finally(() => zip.fill(0));
}

function refuse(kind, note, attached) {
  must(['received', 'note', 'documents'].includes(kind), 'answer.kind');
  must(kind !== 'note' || note.trim() !== '', 'answer.note');
  must(kind !== 'documents' || attached.length > 0, 'answer.files');
  must(kind === 'documents' || attached.length === 0, 'answer.not_documents');
  must(attached.length <= FILES, 'answer.many');
  must(attached.reduce((sum, { file }) => sum + file.size, 0) <= ANSWER_LIMIT, 'answer.large');
}

async function readFile({ file, what }, at) {
  const bytes = await file.arrayBuffer().then((buffer) => new Uint8Array(buffer), () => {
    throw new Refusal('file.unreadable');
  });
  const extension = file.name.match(/\.([A-Za-z0-9]{1,8})$/)?.[1].toLowerCase() ?? 'bin';
  const member = `files/${at + 1}.${extension}`;
  return { bytes, entry: { member, name: plainName(file.name), size: bytes.length, sha256: hex(sha256(bytes)), what } };
}

const describe = (bundle, kind, note, files) => ({
  version: 1,
  bundle: bundle.about.id,
  manifest: bundle.manifest,
  nonce: hex(crypto.getRandomValues(new Uint8Array(16))),
  written: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
  kind,
  note: wellFormed(note).trim(),
  files: files.map(({ entry }) => entry),
});

async function mac(secret, bytes) {
  const key = await crypto.subtle.importKey('raw', unhex(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return hex(new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes)));
}

async function seal(recipient, zip) {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  const reader = (await encrypter.encrypt(pieces(zip))).getReader();
  const parts = [];
  for (let part = await reader.read(); !part.done; part = await reader.read()) parts.push(part.value);
  return new Blob(parts, { type: 'application/octet-stream' });
}

function pieces(bytes) {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.length) controller.enqueue(bytes.subarray(at, at + PIECE));
      at += PIECE;
      if (at >= bytes.length) controller.close();
    },
  });
}

/** Returns the name of the answer to a bundle: `NAME-words.zip.age` is answered by `NAME.answer.age`. */
export const answerName = (name) => `${plainName(name.replace(/(-words)?(\.zip)?\.age$/i, '')).slice(0, 100)}.answer.age`;
