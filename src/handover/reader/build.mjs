// Builds OPEN.html: `node build.mjs [--check] [WORK]`.
// Copies the sources to WORK (target/reader), installs the pinned packages there, bundles, and writes
// OPEN.html and LICENSES.txt beside this file. With --check it writes nothing and compares.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const SOURCES = ['package.json', 'package-lock.json', 'page.html', 'style.css', 'src'];
const WORDS = join(HERE, '../../../schema/words');
const given = process.argv.slice(2).filter((word) => word !== '--check');
const checkOnly = process.argv.includes('--check');
const work = resolve(given[0] ?? join(HERE, '../../../target/reader'));

copy();
checkTexts((await import(pathToFileURL(join(work, 'src/texts.js')))).texts);
execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: work, stdio: ['ignore', 'ignore', 'inherit'] });
const { script, packages } = await bundle();
const licences = licencesOf(packages);
const page = pageOf(script, licences);
finish({ 'OPEN.html': page, 'LICENSES.txt': licences });

function copy() {
  mkdirSync(work, { recursive: true });
  for (const name of SOURCES) {
    rmSync(join(work, name), { recursive: true, force: true });
    cpSync(join(HERE, name), join(work, name), { recursive: true });
  }
  cpSync(WORDS, join(work, 'words'), { recursive: true });
}

/** Every language has every text, with the same values to fill in. */
function checkTexts({ en, ...others }) {
  const values = (text) => JSON.stringify([...new Set(text.match(/\{\w+\}/g))].sort());
  for (const [language, texts] of Object.entries(others)) {
    for (const key of new Set([...Object.keys(en), ...Object.keys(texts)])) {
      if (en[key] && texts[key] && values(en[key]) === values(texts[key])) continue;
      fail(`texts.js: ${language}: ${key}`);
    }
  }
}

/** Returns the script and the names of the packages in it. Not minified: the result is meant to be read. */
async function bundle() {
  const esbuild = await import(pathToFileURL(join(work, 'node_modules/esbuild/lib/main.js')));
  const built = await esbuild.build({
    absWorkingDir: work,
    entryPoints: ['src/main.js'],
    bundle: true,
    write: false,
    metafile: true,
    format: 'iife',
    charset: 'utf8',
    loader: { '.txt': 'text' },
    target: ['chrome109', 'firefox115'],
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [{ name: 'no descriptions', setup: leaveOutDescriptions }],
  });
  const inputs = Object.entries(Object.values(built.metafile.outputs)[0].inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  const names = inputs.flatMap(([path]) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1] ?? []);
  return { script: built.outputFiles[0].text, packages: [...new Set(names)].sort() };
}

/** The packages' own comments stay in the packages, but those that tell the bundler something. */
function leaveOutDescriptions(build) {
  build.onLoad({ filter: /node_modules\/.+\.js$/ }, ({ path }) => {
    const comment = /^[ \t]*\/\*\*[^]*?\*\/[ \t]*\n/gm;
    const contents = readFileSync(path, 'utf8').replace(comment, (words) => (words.includes('@__') ? words : ''));
    return { contents, loader: 'js' };
  });
}

function licencesOf(packages) {
  const head = 'OPEN.html: MIT OR Apache-2.0, as the rest of the project. It holds these packages:\n';
  return [head, ...packages.map(licenceOf)].join('\n');
}

function licenceOf(name) {
  const folder = join(work, 'node_modules', name);
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json')));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each)) ?? fail(`${name}: no licence`);
  const title = `${name} ${version} (${license ?? 'see below'})`;
  const words = readFileSync(join(folder, file), 'utf8').replace(/\r/g, '').trim();
  return `${title}\n${'-'.repeat(title.length)}\n\n${words}\n`;
}

function pageOf(script, licences) {
  if (/<\/script|<!--/i.test(script)) fail('the script cannot stand in a page');
  const style = readFileSync(join(work, 'style.css'), 'utf8');
  const policy = [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const parts = { policy, style, script, licences: escape(licences) };
  return readFileSync(join(work, 'page.html'), 'utf8').replace(/\{\{(\w+)\}\}/g, (_, name) => parts[name]);
}

function hash(text) {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function finish(results) {
  for (const [name, text] of Object.entries(results)) {
    const path = join(HERE, name);
    if (!checkOnly) writeFileSync(path, text);
    else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) fail(`${name} differs from what its sources build`);
    console.log(`${createHash('sha256').update(text).digest('hex')}  ${name}`);
  }
}

function fail(why) {
  console.error(why);
  process.exit(1);
}
