// The form of the answer: kind, note, documents, and one button.

import { answerName, sealAnswer } from './answer.js';
import { pause } from './bytes.js';
import { codeOf, element, hand, label, make, row, submit } from './page.js';
import { hush, say, sizeText } from './say.js';

let attached = [];
let sealing = false;

/** `opened` returns the bundle to be answered and the name of its file. */
export function listenForAnswers(opened) {
  element('attach').addEventListener('change', attach);
  element('answer').addEventListener('submit', submit(() => answer(opened())));
}

export function forgetAttached() {
  attached = [];
}

function attach({ target }) {
  attached.push(...[...target.files].map((file) => ({ file, what: 'court_decision' })));
  target.value = '';
  element('kind-documents').checked = true;
  listAttached();
}

function listAttached() {
  const list = element('attached');
  list.replaceChildren(...attached.map(attachedRow));
  list.hidden = attached.length === 0;
}

function attachedRow(item, n) {
  const select = make('select');
  select.id = `what-${n}`;
  for (const what of ['court_decision', 'other']) {
    const option = make('option', `what_${what}`);
    option.value = what;
    select.append(option);
  }
  select.value = item.what;
  select.addEventListener('change', () => (item.what = select.value));
  const caption = make('label');
  caption.htmlFor = select.id;
  say(caption, 'what', { name: item.file.name });
  const remove = make('button', 'remove');
  remove.type = 'button';
  remove.id = `remove-${n}`;
  label(remove, 'remove_name', { name: item.file.name });
  remove.addEventListener('click', () => detach(item));
  return row(item.file.name, item.file.size, caption, select, remove);
}

function detach(item) {
  attached = attached.filter((each) => each !== item);
  listAttached();
  element('attach').focus();
}

async function answer({ bundle, name }) {
  if (sealing) return;
  sealing = true;
  hush(element('answer-error'));
  say(element('answer-result'), 'answer_sealing');
  await pause();
  try {
    await sealAndHand(bundle, answerName(name));
  } catch (error) {
    hush(element('answer-result'));
    say(element('answer-error'), codeOf(error));
  }
  sealing = false;
}

async function sealAndHand(bundle, name) {
  const kind = element('answer').elements.kind.value;
  const sealed = await sealAnswer(bundle, { kind, note: element('note').value, attached });
  hand(sealed, name);
  say(element('answer-result'), 'answer_saved', { name, size: () => sizeText(sealed.size) });
}
