// Why a file is not shown: a code that `texts.js` puts into words, and where it was found.

export class Refusal extends Error {
  /** `code` names the reason; `where` is a member's name or a number, never the content of a member. */
  constructor(code, where = '') {
    super(code);
    this.code = code;
    this.where = String(where).replace(/[^ -~]/g, '?');
  }
}

/** Throws the refusal `code` unless `holds`. */
export function must(holds, code, where) {
  if (!holds) throw new Refusal(code, where);
}
