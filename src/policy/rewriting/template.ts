/** Templates of headers filled in, with what the request has for their variables. */
import type { HeaderTemplate } from '../../spec/value/header-template.ts';

/** What stands for a variable; the empty text for what a request does not have. */
export type Variables = (name: string) => string;

/** `$tag_user` is the tag `user` that an authorizer or a hook gave. */
const tagPrefix = 'tag_';

export function fillTemplate(template: HeaderTemplate, values: Variables): string {
  let text = template[0] ?? '';
  for (let i = 1; i + 1 < template.length; i += 2) text += values(template[i]!) + template[i + 1]!;
  return text.trim();
}

/** The tag that a variable stands for; null when it stands for something else. */
export function tagOfVariable(name: string): string | null {
  return name.startsWith(tagPrefix) ? name.slice(tagPrefix.length) : null;
}
