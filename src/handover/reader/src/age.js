// Opens an age file with words. Asks for no private key, ever: files sealed to keys are refused.

import { Decrypter } from 'age-encryption';
import { pause } from './bytes.js';
import { Refusal, must } from './refusal.js';

/** The largest file this page opens, in bytes. What is larger is for `age` and `unzip`. */
export const FILE_LIMIT = 512 * 1024 * 1024;
const HEADER_LIMIT = 64 * 1024;
/** Bundles have 17 (128 MiB of memory); `age -p` writes 18. */
const WORK_LIMIT = 18;
const PAUSE_EVERY = 4 * 1024 * 1024;

/** Returns words as the sender's program joins them: lower case, single blanks. */
export function normalWords(typed) {
  return typed.normalize('NFC').toLowerCase().replace(/[\s,\u200b\ufeff]+/gu, ' ').trim();
}

/** Looks at the header only. Throws a refusal unless words can open the file. */
export async function inspect(file) {
  must(file.size > 0, 'file.empty');
  must(file.size <= FILE_LIMIT, 'file.large');
  const head = await readHead(file);
  must(!head.startsWith('PK'), 'file.zip');
  must(!head.startsWith('-----BEGIN AGE'), 'file.armoured');
  must(head.startsWith('age-encryption.org/v1\n'), 'file.not_age');
  const end = head.search(/^--- [A-Za-z0-9+/]{43}$/m);
  must(end > 0, 'file.header');
  const stanzas = [...head.slice(0, end).matchAll(/^-> (.+)$/gm)].map((line) => line[1].split(' '));
  must(stanzas.length > 0, 'file.header');
  must(stanzas.some(([kind]) => kind === 'scrypt'), 'file.keys');
  must(stanzas.length === 1 && /^[1-9][0-9]*$/.test(stanzas[0][2]), 'file.header');
  must(Number(stanzas[0][2]) <= WORK_LIMIT, 'file.work', stanzas[0][2]);
}

async function readHead(file) {
  try {
    return new TextDecoder('latin1').decode(await file.slice(0, HEADER_LIMIT).arrayBuffer());
  } catch {
    throw new Refusal('file.unreadable');
  }
}

/** Returns what the file holds, in one array of exactly its size; `progress` hears shares from 0 to 1. */
export async function open(file, words, progress) {
  const sealed = await unseal(file, words);
  const whole = roomFor(sealed, file.size);
  const reader = sealed.getReader();
  let filled = 0;
  for (let paused = 0; ; ) {
    const { done, value } = await reader.read().catch(explain);
    if (done) break;
    must(filled + value.length <= whole.length, 'file.altered');
    whole.set(value, filled);
    filled += value.length;
    if (filled - paused < PAUSE_EVERY) continue;
    paused = filled;
    progress(filled / whole.length);
    await pause();
  }
  must(filled === whole.length, 'file.altered');
  return whole;
}

async function unseal(file, words) {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(words);
  try {
    return await decrypter.decrypt(file.stream());
  } catch (error) {
    if (error.message.startsWith('no identity matched')) throw new Refusal('words.wrong');
    throw new Refusal(error.name === 'NotReadableError' ? 'file.unreadable' : 'file.header');
  }
}

function roomFor(sealed, size) {
  let length;
  try {
    length = sealed.size(size);
  } catch {
    throw new Refusal('file.altered');
  }
  try {
    return new Uint8Array(length);
  } catch {
    throw new Refusal('file.memory');
  }
}

function explain(error) {
  throw new Refusal(error.name === 'NotReadableError' ? 'file.unreadable' : 'file.altered');
}
