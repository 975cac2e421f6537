// What people compare of a signer by voice: six words of any of three lists, or twenty digits (docs/formats/words.md).

import { scryptAsync } from '@noble/hashes/scrypt.js';
import { ascii, hex, join, sha256 } from './bytes.js';
import en from '../words/en.txt';
import kk from '../words/kk.txt';
import ru from '../words/ru.txt';

const LISTS = Object.fromEntries(Object.entries({ en, ru, kk }).map(([language, text]) => [language, text.trimEnd().split('\n')]));
const LABEL = 'sandyq handover signer v1';
const SALT = 'sandyq safety salt v1';
const COST = { N: 2 ** 17, r: 8, p: 1, dkLen: 9 };
const WORDS = 6;
const DIGITS = 20;
/** Bits of nine bytes that six words do not use. */
const UNUSED = 6n;

/** Returns the number of 66 bits that the words and the digits of a signer's 32 public bytes say. Takes a second. */
export async function spokenNumber(key) {
  const short = await scryptAsync(key, labelled(SALT, ascii(LABEL)), COST);
  return BigInt(`0x${hex(short)}`) >> UNUSED;
}

/** Returns a number in the words of a language. */
export function inWords(number, language) {
  const places = Array.from({ length: WORDS }, (_, place) => BigInt(11 * (WORDS - 1 - place)));
  return places.map((shift) => LISTS[language][Number((number >> shift) & 2047n)]).join(' ');
}

/** Returns a number in four groups of digits. */
export const inDigits = (number) => String(number).padStart(DIGITS, '0').match(/.{5}/g).join(' ');

/** Reads six words of one list or twenty digits, in capital or small letters, parted by white space or commas; null for anything else. */
export function readSpoken(text) {
  const parts = text.normalize('NFC').toLowerCase().split(/[\s,]+/).filter((part) => part);
  const digits = parts.join('');
  if (/^\d+$/.test(digits)) return digits.length === DIGITS ? BigInt(digits) : null;
  if (parts.length !== WORDS) return null;
  const places = Object.values(LISTS).map((list) => parts.map((part) => list.indexOf(part)));
  const found = places.find((each) => !each.includes(-1));
  return found ? found.reduce((number, place) => (number << 11n) | BigInt(place), 0n) : null;
}

/** Hashes a part under a label: each is preceded by its length (docs/formats/parcel.md). */
function labelled(label, part) {
  return sha256(join(counted(ascii(label)), counted(part)));
}

function counted(bytes) {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(bytes.length));
  return join(length, bytes);
}
