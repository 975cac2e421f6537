// Bytes: text, hex, base64, comparison, and a way to let the page breathe.

import { base64 } from '@scure/base';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

export { base64, sha256 };
export const hex = bytesToHex;
export const unhex = hexToBytes;

export const ascii = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
export const utf8 = (text) => new TextEncoder().encode(text);

/** Returns the text of UTF-8 bytes. Throws where they are none. */
export const text = (bytes) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);

/** Returns text without halves of letters, which JSON in other programs refuses. */
export const wellFormed = (words) => words.normalize('NFC').replace(/\p{Surrogate}/gu, '_');

export function same(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

export function join(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Lets the browser draw and take input between long pieces of work. */
export const pause = () => new Promise((done) => setTimeout(done));
