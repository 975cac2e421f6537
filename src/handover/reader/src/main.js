// The page: choose, type the words, see the result, read, save, print, answer, close.
// Nothing is kept but in this tab's memory; `close` loads the empty page again.

import { inspect, normalWords, open } from './age.js';
import { check } from './bundle.js';
import { pause } from './bytes.js';
import { showDossier } from './dossier.js';
import { goToFile, listFiles } from './files.js';
import { codeOf, element, problem, submit, submitOnEnter } from './page.js';
import { forgetAttached, listenForAnswers } from './reply.js';
import { LANGUAGES, firstLanguage, hush, say, sizeText, speak } from './say.js';
import { inDigits, inWords, readSpoken, spokenNumber } from './spoken.js';

const SECTIONS = ['step-choose', 'step-words', 'working', 'refused', 'opened'];
const FOCUS = { 'step-choose': 'choose-title', 'step-words': 'words', working: 'working-title', refused: 'refused-title', opened: 'opened-title' };
const SIGNS = { uncompared: '!', same: '✓', different: '✕' };

let chosen = null;
let plain = null;
let bundle = null;
/** What the signer is called by voice, once it is computed. */
let spoken = null;

function start() {
  for (const language of LANGUAGES) element(`lang-${language}`).addEventListener('click', () => choose(language));
  choose(firstLanguage());
  element('without').remove();
  const lacking = whatIsLacking();
  if (lacking.length > 0) return lack(lacking);
  listen();
  show('step-choose', false);
}

function choose(language) {
  speak(language);
  for (const each of LANGUAGES) element(`lang-${each}`).setAttribute('aria-pressed', String(each === language));
}

function whatIsLacking() {
  const needed = {
    'crypto.subtle': globalThis.crypto?.subtle,
    'ReadableStream, TransformStream': globalThis.TransformStream && Blob.prototype.stream,
    'adoptedStyleSheets': 'adoptedStyleSheets' in Document.prototype,
    'iframe srcdoc, sandbox': 'srcdoc' in HTMLIFrameElement.prototype && 'sandbox' in HTMLIFrameElement.prototype,
  };
  return Object.keys(needed).filter((name) => !needed[name]);
}

function lack(names) {
  element('lacking').hidden = false;
  say(element('lacking'), 'lacking', { what: names.join('; ') });
}

function listen() {
  element('file').addEventListener('change', ({ target }) => target.files[0] && take(target.files[0]));
  for (const field of ['words', 'told']) element(field).addEventListener('keydown', submitOnEnter);
  element('words-form').addEventListener('submit', submit(openChosen));
  element('other-file').addEventListener('click', restart);
  element('again').addEventListener('click', restart);
  element('compare-form').addEventListener('submit', submit(compare));
  element('same').addEventListener('click', () => verdict('same', 'compared_eye'));
  element('print').addEventListener('click', () => print());
  listenForAnswers(() => ({ bundle, name: chosen.name }));
  element('close').addEventListener('click', close);
  addEventListener('pagehide', wipe);
  addEventListener('pageshow', (event) => event.persisted && location.reload());
  listenForDrops();
}

function listenForDrops() {
  addEventListener('dragover', (event) => {
    event.preventDefault();
    element('drop').classList.add('over');
  });
  addEventListener('dragleave', () => element('drop').classList.remove('over'));
  addEventListener('drop', (event) => {
    event.preventDefault();
    element('drop').classList.remove('over');
    const file = event.dataTransfer.files[0];
    if (file && !element('step-choose').hidden) take(file);
  });
}

/** Shows one section and takes the keyboard and the screen reader there. */
function show(section, focus = true) {
  for (const id of SECTIONS) element(id).hidden = id !== section;
  if (focus) element(FOCUS[section]).focus();
}

async function take(file) {
  chosen = file;
  try {
    await inspect(file);
  } catch (error) {
    return refuse(error);
  }
  sayChosen('chosen');
  problem('words');
  show('step-words');
}

function sayChosen(id) {
  const { name, size } = chosen;
  say(element(id), 'chosen', { name, size: () => sizeText(size) });
}

function restart() {
  chosen = null;
  element('file').value = '';
  element('words').value = '';
  problem('words');
  show('step-choose');
  element('file').focus();
}

async function openChosen() {
  const words = normalWords(element('words').value);
  if (words === '') return problem('words', 'words_empty');
  problem('words');
  try {
    await work('opening');
    plain = await open(chosen, words, share('opening_share'));
    await work('checking');
    bundle = await check(plain, share('checking_share'));
    await present();
  } catch (error) {
    wipe();
    if (error.code === 'words.wrong') return wrongWords();
    refuse(error);
  }
}

function wrongWords() {
  hush(element('status'));
  show('step-words');
  problem('words', 'words.wrong');
}

async function work(key) {
  show('working', element('working').hidden);
  say(element('working-title'), key);
  element('progress').value = 0;
  say(element('status'), key);
  await pause();
  await pause();
}

const share = (key) => (part) => {
  element('progress').value = Math.floor(part * 100);
  say(element('working-title'), key, { share: Math.floor(part * 100) });
};

function refuse(error) {
  const code = codeOf(error);
  hush(element('status'));
  sayChosen('refused-file');
  say(element('refused-reason'), code);
  if (error.where) say(element('refused-where'), 'refused_where', { where: error.where });
  else hush(element('refused-where'));
  say(element('refused-code'), 'refused_code', { code });
  show('refused');
}

async function present() {
  await showDossier(element('dossier'), new TextDecoder().decode(bundle.read('index.html')), goToFile);
  hush(element('status'));
  element('words').value = '';
  sayChosen('opened-file');
  say(element('verdict-intact'), 'intact', { count: bundle.count });
  element('fingerprint').textContent = bundle.fingerprint;
  spoken = spokenNumber(bundle.signer);
  sayOnceKnown(spoken);
  listFiles(bundle);
  verdict('uncompared');
  show('opened');
}

/** Says how far the signer is known: uncompared, same or different. What is of another signer is not shown. */
function verdict(state, result) {
  element('verdict').dataset.state = state;
  element('verdict-sign').textContent = SIGNS[state];
  say(element('verdict-state'), `state_${state}`);
  if (result) say(element('verdict-result'), result);
  else hush(element('verdict-result'));
  element('verdict-who').hidden = element('verdict-spoken').hidden = element('compare-form').hidden = state === 'same';
  element('content').hidden = state === 'different';
  document.body.classList.toggle('readable', state !== 'different');
  problem('told');
  if (state === 'same') element('verdict-title').focus();
}

/** Says what can be compared by voice as soon as it is computed. */
async function sayOnceKnown(number) {
  hush(element('verdict-spoken'));
  const found = await number;
  if (number !== spoken) return;
  say(element('verdict-spoken'), 'spoken', { words: (language) => inWords(found, language), digits: inDigits(found) });
}

async function compare() {
  const typed = element('told').value;
  const number = readSpoken(typed);
  const told = fingerprintIn(typed);
  if (number === null && told === null) return problem('told', 'told_short');
  const same = number === null ? `SHA256:${told}` === bundle.fingerprint : number === (await spoken);
  verdict(same ? 'same' : 'different', same ? 'compared_same' : 'compared_different');
}

/** Returns the 43 letters of a fingerprint; null where there are not so many. */
function fingerprintIn(text) {
  const typed = text.replace(/\s/g, '');
  const told = (typed.match(/SHA256:([A-Za-z0-9+/]{43})/i)?.[1] ?? typed.replace(/^SHA256:/i, '')).replace(/=$/, '');
  return /^[A-Za-z0-9+/]{43}$/.test(told) ? told : null;
}

/** Overwrites what was opened; strings and copies made by the browser go with the page. */
function wipe() {
  plain?.fill(0);
  plain = bundle = spoken = null;
}

function close() {
  wipe();
  forgetAttached();
  for (const field of document.querySelectorAll('input, textarea')) if (field.type !== 'radio') field.value = '';
  element('dossier').srcdoc = '';
  location.reload();
}

start();
