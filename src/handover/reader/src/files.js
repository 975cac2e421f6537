// The list of what the bundle holds, and saving from it.

import { element, hand, label, make, row } from './page.js';
import { say, sizeText } from './say.js';

export function listFiles(bundle) {
  const [files, parts] = [element('files'), element('parts')];
  files.replaceChildren();
  parts.replaceChildren();
  bundle.files.forEach((file, n) => (file.name.startsWith('files/') ? files : parts).append(fileRow(bundle, file, n)));
  element('files-none').hidden = files.childElementCount > 0;
}

function fileRow(bundle, { name, size, title }, n) {
  const values = { name: title, size: () => sizeText(size) };
  const button = make('button', 'save');
  button.type = 'button';
  button.id = `save-${n}`;
  button.dataset.member = name;
  label(button, 'save_name', values);
  button.addEventListener('click', () => saveMember(bundle, name, title));
  return row(title, size, button);
}

function saveMember(bundle, name, title) {
  const file = name.startsWith('files/') ? title : name.split('/').pop();
  hand(new Blob([bundle.read(name)], { type: 'application/octet-stream' }), file);
  say(element('saved'), 'saved', { name: file });
}

/** Takes the keyboard to a file that the dossier speaks of. */
export function goToFile(name) {
  const button = document.querySelector(`[data-member="${CSS.escape(name)}"]`);
  button?.scrollIntoView();
  (button ?? element('files-title')).focus();
}
