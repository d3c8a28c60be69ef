/**
 * A stable 32-bit hash: FNV-1a over the code units (the bytes, for header text), then the finaliser of MurmurHash3,
 * because FNV alone hardly moves the high bits for keys that differ in their last character. Stable means that every
 * worker, every version and the Lua build give a key the same server; so only operations are used that are exact in a
 * double and the same in both languages.
 */

/** 0 to 2^32 - 1. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    hash = multiply32(xor32(hash, unit % 256), 0x01000193);
    if (unit > 255) hash = multiply32(xor32(hash, Math.floor(unit / 256)), 0x01000193);
  }
  return mix32(hash);
}

/** Spreads two hashes over one: a change of any bit of either changes about half of the bits. */
export function combine32(a: number, b: number): number {
  return mix32(xor32(a, b));
}

function mix32(value: number): number {
  let hash = xor32(value, Math.floor(value / 0x10000));
  hash = multiply32(hash, 0x85ebca6b);
  hash = xor32(hash, Math.floor(hash / 0x2000));
  hash = multiply32(hash, 0xc2b2ae35);
  return xor32(hash, Math.floor(hash / 0x10000));
}

/** Math.imul, unsigned, in halves that stay below 2^53. */
function multiply32(a: number, b: number): number {
  const high = Math.floor(a / 0x10000);
  const low = a % 0x10000;
  return (((high * b) % 0x10000) * 0x10000 + low * b) % 0x100000000;
}

/** The result of ^ is signed in JavaScript and in LuaJIT. */
function xor32(a: number, b: number): number {
  const signed = a ^ b;
  return signed < 0 ? signed + 0x100000000 : signed;
}
