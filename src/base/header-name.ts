/**
 * Names of headers as they come in one request after the other: each is looked up in a table, not lowered anew. The
 * strings of the table are the program's own: a name cut out of a head would keep all of that head alive.
 */

/** Programs send some dozens; what goes on inventing names meets a table that starts anew. */
const namesMax = 1024;
/** Longer ones are rare, and lowered each time. */
const lengthMax = 64;

/** A name in the two forms that are compared. */
export interface HeaderName {
  /** As it was written. */
  readonly written: string;
  readonly lower: string;
  /** As `canonicalName` has it. */
  readonly canonical: string;
}

let names = new Map<string, HeaderName>();

/** null for what is no token (RFC 9110, 5.6.2). */
export function tokenName(written: string): HeaderName | null {
  const known = names.get(written);
  if (known !== undefined) return known;
  if (!token.test(written)) return null;
  return learnt(written);
}

/** Whatever the name consists of. */
export function headerName(written: string): HeaderName {
  return names.get(written) ?? learnt(written);
}

export function lowerName(written: string): string {
  return headerName(written).lower;
}

/**
 * A header's name as the least careful reader takes it. CGI, and WSGI, PHP and Rack after it, make `HTTP_X_USER` of
 * `X-User` and of `X_User`, and some of `X.User`: whoever protects the one has to protect them all. `name` is lower
 * case.
 */
export function canonicalName(name: string): string {
  return plainName.test(name) ? name : name.replace(/[^a-z0-9-]/g, '-');
}

function learnt(written: string): HeaderName {
  if (written.length > lengthMax || !token.test(written)) return nameOf(written);
  if (names.size >= namesMax) names = new Map();
  // Through bytes, so that it is no part of a longer string. A token is ASCII.
  const name = nameOf(Buffer.from(written, 'latin1').toString('latin1'));
  names.set(name.written, name);
  return name;
}

function nameOf(written: string): HeaderName {
  const lower = written.toLowerCase();
  return { written, lower, canonical: canonicalName(lower) };
}

const plainName = /^[a-z0-9-]*$/;

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
