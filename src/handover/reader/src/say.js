// Words on the page, in the language chosen, changed in place when another is chosen.

import { texts } from './texts.js';

export const LANGUAGES = ['en', 'ru', 'kk'];
let language = 'en';

/** Returns the language the browser asks for first, of those there are. */
export function firstLanguage() {
  const wanted = (navigator.languages ?? [navigator.language]).map((tag) => tag.slice(0, 2).toLowerCase());
  return wanted.find((tag) => LANGUAGES.includes(tag)) ?? 'en';
}

/** Returns a text with its `{values}` filled in. A value that is a function is asked for each language anew. */
export function phrase(key, values = {}) {
  return texts[language][key].replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name] ?? '';
    return typeof value === 'function' ? value(language) : value;
  });
}

/** Writes a text into an element; the element keeps it through a change of language. */
export function say(element, key, values) {
  element.dataset.text = key;
  element.values = values;
  element.textContent = phrase(key, values);
}

export function hush(element) {
  delete element.dataset.text;
  element.textContent = '';
}

/** Puts the whole page into a language. */
export function speak(chosen) {
  language = chosen;
  document.documentElement.lang = chosen;
  document.title = phrase('title');
  for (const element of document.querySelectorAll('[data-text]')) say(element, element.dataset.text, element.values);
  for (const element of document.querySelectorAll('[data-label]')) {
    element.setAttribute('aria-label', phrase(element.dataset.label, element.values));
  }
}

/** Returns a size as people write it, in units of 1000. */
export function sizeText(bytes) {
  const step = bytes < 1000 ? 0 : bytes < 1e6 ? 1 : 2;
  const number = bytes / [1, 1e3, 1e6][step];
  const digits = step > 0 && number < 10 ? 1 : 0;
  const shown = number.toFixed(digits).replace('.', language === 'en' ? '.' : ',');
  return `${shown} ${phrase(['bytes', 'kilobytes', 'megabytes'][step])}`;
}
