// The zip as the bundle has it: every header is read here and compared; the library only inflates.
// Refuses whatever two programs could read in two ways.

import { Inflate } from 'fflate';
import { same } from './bytes.js';
import { must, Refusal } from './refusal.js';

const MEMBERS = 10_000;
const NAME_BYTES = 200;
const DEFLATED_LIMIT = 256 * 1024 * 1024;
/** The most that all members together may open to in this page. */
const TOTAL_LIMIT = 1024 * 1024 * 1024;
const PIECE = 64 * 1024;

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const DESCRIPTOR = 0x08074b50;
const ENCRYPTED = 0x2041;
const DESCRIBED = 0x0008;
/** Deflate options and UTF-8 names: they change nothing here. */
const HARMLESS = 0x0806;
/** Names that Windows takes for devices, whatever stands behind the first dot. */
const DEVICE = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;

/** Returns the members in their order: `{name, method, crc, size, packed}`. Throws a refusal. */
export function members(zip) {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const end = endRecord(view);
  const found = [];
  let at = end.start;
  for (let n = 0; n < end.count; n++) {
    const member = centralHeader(zip, view, at, end.at);
    found.push(member);
    at += 46 + member.nameLength;
  }
  must(at === end.at, 'zip.form');
  refuseTwins(found);
  const stop = found.reduce((from, member) => localHeader(zip, view, member, from, end.start), 0);
  must(stop === end.start, 'zip.between');
  must(found.reduce((sum, member) => sum + member.size, 0) <= TOTAL_LIMIT, 'zip.total');
  return found;
}

function endRecord(view) {
  const at = view.byteLength - 22;
  must(at >= 0, 'zip.not_zip');
  if (view.getUint32(at, true) !== END) throw new Refusal(hasEnd(view) ? 'zip.after' : 'zip.not_zip');
  must(view.getUint16(at + 20, true) === 0, 'zip.after');
  const [disk, startDisk, here, count] = [4, 6, 8, 10].map((field) => view.getUint16(at + field, true));
  const size = view.getUint32(at + 12, true);
  const start = view.getUint32(at + 16, true);
  must(disk === 0 && startDisk === 0 && here === count, 'zip.form');
  must(count !== 0xffff && start !== 0xffffffff, 'zip.large');
  must(count <= MEMBERS, 'zip.many', count);
  must(start + size <= at, 'zip.form');
  must(start + size === at, 'zip.before');
  return { at, count, start };
}

function hasEnd(view) {
  const first = Math.max(0, view.byteLength - 22 - 0xffff);
  for (let at = view.byteLength - 22; at >= first; at--) if (view.getUint32(at, true) === END) return true;
  return false;
}

function centralHeader(zip, view, at, limit) {
  must(at + 46 <= limit && view.getUint32(at, true) === CENTRAL, 'zip.form');
  const nameLength = view.getUint16(at + 28, true);
  must(at + 46 + nameLength <= limit, 'zip.form');
  const name = latin(zip, at + 46, nameLength);
  refuseName(name);
  refuseKind(name, view.getUint32(at + 38, true));
  const flags = view.getUint16(at + 8, true);
  must((flags & ENCRYPTED) === 0, 'zip.encrypted', name);
  must((flags & ~(DESCRIBED | HARMLESS)) === 0, 'zip.form', name);
  must(view.getUint16(at + 30, true) === 0 && view.getUint16(at + 32, true) === 0, 'zip.extra', name);
  must(view.getUint16(at + 34, true) === 0, 'zip.form', name);
  const member = {
    name,
    nameLength,
    head: zip.subarray(at + 6, at + 30),
    flags,
    method: view.getUint16(at + 10, true),
    crc: view.getUint32(at + 16, true),
    packedSize: view.getUint32(at + 20, true),
    size: view.getUint32(at + 24, true),
    offset: view.getUint32(at + 42, true),
  };
  refuseSize(member);
  return member;
}

/** Says plainly what is wrong with a name; only the letters of the format remain. */
function refuseName(name) {
  must(name.length > 0, 'name.letters');
  must(name.length <= NAME_BYTES, 'name.long', name.slice(0, 40));
  must(!name.startsWith('/'), 'name.absolute', name);
  must(!name.includes('\\'), 'name.backslash', name);
  must(!/^[A-Za-z]:/.test(name), 'name.drive', name);
  must(!name.split('/').includes('..'), 'name.up', name);
  must(!name.endsWith('/'), 'zip.folder', name);
  must(!name.split('/').some((part) => part === '' || part === '.'), 'name.part', name);
  must(/^[A-Za-z0-9._/-]+$/.test(name), 'name.letters', name);
  must(!name.split('/').some((part) => part.endsWith('.') || DEVICE.test(part)), 'name.letters', name);
}

/** Unix modes and DOS attributes, whichever system the header claims. */
function refuseKind(name, attributes) {
  const kind = attributes >>> 28;
  must(kind !== 0xa, 'zip.link', name);
  must(kind !== 0x4 && (attributes & 0x10) === 0, 'zip.folder', name);
  must((kind === 0 || kind === 0x8) && (attributes & 0x08) === 0, 'zip.special', name);
}

function refuseSize({ name, method, size, packedSize, offset }) {
  must([size, packedSize, offset].every((number) => number !== 0xffffffff), 'zip.large', name);
  must(method === 0 || method === 8, 'zip.method', name);
  must(method === 8 || size === packedSize, 'zip.form', name);
  must(method === 0 || size <= DEFLATED_LIMIT, 'zip.bomb', name);
}

/** Two names that some file system or reader would take for one, or a file that is a folder as well. The letters are ASCII: case is all that is left. */
function refuseTwins(found) {
  const seen = new Set();
  for (const { name } of found) {
    const folded = name.toLowerCase();
    const manifest = folded.split('/').pop() === 'manifest';
    must(!manifest || (name === 'MANIFEST' && !seen.has(folded)), 'manifest.second', name);
    must(!seen.has(folded), 'zip.twice', name);
    seen.add(folded);
  }
  for (const { name } of found) must(!folders(name).some((folder) => seen.has(folder)), 'zip.twice', name);
}

/** Returns the folders that a name stands in, in lower case. */
function folders(name) {
  const parts = name.toLowerCase().split('/').slice(0, -1);
  return parts.map((_, n) => parts.slice(0, n + 1).join('/'));
}

/** Compares the local header with the central one and returns where the member ends. */
function localHeader(zip, view, member, from, limit) {
  const { name, nameLength, offset: at } = member;
  must(at === from, from === 0 ? 'zip.before' : 'zip.between', name);
  must(at + 30 + nameLength <= limit && view.getUint32(at, true) === LOCAL, 'zip.local', name);
  must(view.getUint16(at + 26, true) === nameLength, 'zip.local', name);
  must(view.getUint16(at + 28, true) === 0, 'zip.extra', name);
  must(latin(zip, at + 30, nameLength) === name, 'zip.local', name);
  const described = (member.flags & DESCRIBED) !== 0;
  must(alike(member.head, zip.subarray(at + 4, at + 28), described), 'zip.local', name);
  const start = at + 30 + nameLength;
  const end = start + member.packedSize;
  must(end <= limit, 'zip.form', name);
  member.packed = zip.subarray(start, end);
  return described ? descriptor(view, member, end, limit) : end;
}

/** Version, flags, method, time, date and length of the name are the same; so are checksum and sizes, or 0 where a descriptor follows. */
function alike(central, local, described) {
  const later = local.subarray(10, 22);
  const none = described && later.every((byte) => byte === 0);
  return same(local.subarray(0, 10), central.subarray(0, 10)) &&
    (none || same(later, central.subarray(10, 22))) &&
    same(local.subarray(22), central.subarray(22));
}

function descriptor(view, { name, crc, packedSize, size }, at, limit) {
  must(at + 16 <= limit, 'zip.form', name);
  const said = [0, 4, 8, 12].map((field) => view.getUint32(at + field, true));
  must([DESCRIPTOR, crc, packedSize, size].every((number, n) => number === said[n]), 'zip.local', name);
  return at + 16;
}

const latin = (zip, at, length) => String.fromCharCode(...zip.subarray(at, at + length));

/** Gives the opened bytes of a member to `sink`, piece by piece. Throws unless size and checksum fit. */
export function unpack(member, sink) {
  let size = 0;
  let crc = 0xffffffff;
  inflate(member, (piece) => {
    size += piece.length;
    must(size <= member.size, 'zip.longer', member.name);
    crc = crc32(crc, piece);
    sink(piece);
  });
  must(size === member.size, 'zip.shorter', member.name);
  must((~crc >>> 0) === member.crc, 'zip.crc', member.name);
}

function inflate({ name, method, packed }, sink) {
  if (method === 0) return eachPiece(packed, sink);
  const inflater = new Inflate(sink);
  try {
    eachPiece(packed, (piece, last) => inflater.push(piece, last));
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal('zip.damaged', name);
  }
}

function eachPiece(bytes, sink) {
  for (let at = 0; at === 0 || at < bytes.length; at += PIECE) {
    sink(bytes.subarray(at, at + PIECE), at + PIECE >= bytes.length);
  }
}

/** Returns the opened bytes of a member: a view where it is stored, a copy where it is deflated. */
export function contents(member) {
  if (member.method === 0) return member.packed;
  const whole = new Uint8Array(member.size);
  let at = 0;
  unpack(member, (piece) => {
    whole.set(piece, at);
    at += piece.length;
  });
  return whole;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n;
});

function crc32(crc, bytes) {
  for (let at = 0; at < bytes.length; at++) crc = TABLE[(crc ^ bytes[at]) & 0xff] ^ (crc >>> 8);
  return crc;
}
