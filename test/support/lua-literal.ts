/**
 * A value as Lua writes it; null and undefined are left out of records. Text is written byte for byte, so no character
 * above 255 may be in it.
 */
export function luaLiteral(value: unknown): string {
  if (typeof value === 'string') return luaText(value);
  if (typeof value === 'number') return Number.isFinite(value) ? `${value}` : value < 0 ? '-math.huge' : 'math.huge';
  if (value === null || value === undefined) return 'nil';
  if (Array.isArray(value)) return `{${value.map(luaLiteral).join(',')}}`;
  if (typeof value !== 'object') return `${value as boolean}`;
  const fields = Object.entries(value).filter(([, each]) => each !== null && each !== undefined);
  return `{${fields.map(([name, each]) => `[${luaText(name)}]=${luaLiteral(each)}`).join(',')}}`;
}

function luaText(text: string): string {
  const escaped = [...text].map((character) => {
    const code = character.charCodeAt(0);
    if (code > 255) throw new Error(`no byte: ${character}`);
    return /[\w ./:*?=&;[\]@%-]/.test(character) ? character : `\\${code.toString().padStart(3, '0')}`;
  });
  return `"${escaped.join('')}"`;
}
