// Small hands for the page: elements by id, rows, labels, problems of fields, files for saving.

import { Refusal } from './refusal.js';
import { hush, phrase, say, sizeText } from './say.js';

export const element = (id) => document.getElementById(id);

export const submit = (work) => (event) => {
  event.preventDefault();
  work();
};

/** What is typed into these fields is one line, shown as several where the page is narrow. */
export function submitOnEnter(event) {
  if (event.key !== 'Enter' || event.isComposing) return;
  event.preventDefault();
  event.target.form.requestSubmit();
}

/** Says what is wrong with a field, or takes it back. */
export function problem(field, key, values) {
  const told = element(`${field}-error`);
  element(field).setAttribute('aria-invalid', String(Boolean(key)));
  if (!key) return hush(told);
  say(told, key, values);
  element(field).focus();
}

/** Returns a line of a list: a name, its size, and what can be done with it. */
export function row(title, size, ...rest) {
  const line = document.createElement('li');
  const name = make('span');
  name.className = 'name';
  name.textContent = title;
  const amount = make('span');
  amount.className = 'size';
  say(amount, 'size', { size: () => sizeText(size) });
  line.append(name, amount, ...rest);
  return line;
}

/** Returns a new element that says a text. */
export function make(kind, key) {
  const made = document.createElement(kind);
  if (key) say(made, key);
  return made;
}

/** Names an element for screen readers, in every language. */
export function label(made, key, values) {
  made.dataset.label = key;
  made.values = values;
  made.setAttribute('aria-label', phrase(key, values));
}

/** Hands a file to the browser for saving, which asks or takes its downloads folder. */
export function hand(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Returns the code of a refusal; what was not foreseen goes to the console, too. */
export function codeOf(error) {
  if (error instanceof Refusal) return error.code;
  console.error(error);
  return 'unknown';
}
