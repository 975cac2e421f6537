// Shows index.html in a frame without scripts, and prints it.
//
// The frame inherits this page's policy: nothing is loaded, no script runs, and inline styles are
// refused. Its styles are therefore handed over as objects, which the policy leaves to this script.

const FORBIDDEN = 'script,iframe,frame,object,embed,link,base,form,template,meta[http-equiv="refresh" i]';
const LINKS = ['xlink:href', 'target', 'ping', 'action', 'formaction', 'srcset', 'background', 'poster'];

/** Shows the dossier; `openFile` is called with the name of a member that a link in it leads to. */
export async function showDossier(frame, html, openFile) {
  const page = new DOMParser().parseFromString(html, 'text/html');
  const styles = [...page.querySelectorAll('style')].map(({ media, textContent }) => ({ media, textContent }));
  const single = tame(page);
  const loaded = new Promise((done) => frame.addEventListener('load', done, { once: true }));
  frame.srcdoc = `<!DOCTYPE html>\n${page.documentElement.outerHTML}`;
  await loaded;
  const { contentDocument: inside, contentWindow } = frame;
  inside.adoptedStyleSheets = styles.map((style) => sheet(contentWindow, style, style.textContent));
  dress(inside, single);
  inside.addEventListener('click', (event) => follow(event, inside, openFile));
  forPaper(inside, styles);
}

/** Takes out what could run, load or lead away. Returns the styles of single elements, by number. */
function tame(page) {
  for (const element of page.querySelectorAll(`${FORBIDDEN},style`)) element.remove();
  const single = [];
  for (const element of page.querySelectorAll('*')) {
    tameElement(element);
    if (!element.hasAttribute('style')) continue;
    element.setAttribute('data-styled', single.push(element.getAttribute('style')) - 1);
    element.removeAttribute('style');
  }
  return single;
}

function tameElement(element) {
  for (const { name, value } of [...element.attributes]) {
    const stays =
      name === 'href' ? /^(#|files\/)/.test(value)
      : name === 'src' ? /^data:image\/(png|jpeg|gif|webp);/i.test(value)
      : !name.startsWith('on') && !LINKS.includes(name);
    if (!stays) element.removeAttribute(name);
  }
}

function sheet(owner, { media }, words) {
  const made = new owner.CSSStyleSheet({ media });
  made.replaceSync(words);
  return made;
}

function dress(root, single) {
  for (const element of root.querySelectorAll('[data-styled]')) {
    element.style.cssText = single[element.getAttribute('data-styled')];
  }
}

/** Links inside the dossier move inside the dossier, and links to files lead to the list of files. */
function follow(event, inside, openFile) {
  const target = event.target.closest('a[href]')?.getAttribute('href');
  if (target === undefined) return;
  event.preventDefault();
  if (!target.startsWith('#')) return openFile(target);
  const found = inside.getElementById(decodeURIComponent(target.slice(1)));
  found?.scrollIntoView();
  found?.setAttribute('tabindex', '-1');
  found?.focus();
}

/**
 * Browsers cut a frame at the edge of a sheet, through the middle of a line. So the dossier is copied
 * for as long as printing takes into a tree of its own, which only paper shows.
 */
function forPaper(inside, styles) {
  const paper = document.getElementById('paper');
  const tree = paper.shadowRoot ?? paper.attachShadow({ mode: 'open' });
  tree.adoptedStyleSheets = styles.map((style) => sheet(window, style, style.textContent.replaceAll(':root', 'html')));
  document.adoptedStyleSheets = [pageRules(tree.adoptedStyleSheets)];
  addEventListener('beforeprint', () => tree.replaceChildren(document.importNode(inside.documentElement, true)));
  addEventListener('afterprint', () => tree.replaceChildren());
}

/** Margins and page numbers hold for whole documents only. */
function pageRules(sheets) {
  const rules = sheets.flatMap(({ cssRules }) => [...cssRules]).filter((rule) => rule instanceof CSSPageRule);
  return sheet(window, {}, rules.map(({ cssText }) => cssText).join('\n'));
}
