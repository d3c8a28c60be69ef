/**
 * The whole configuration around a rule's example: sound in itself, so that what is found in it comes from the example.
 * The page of rules shows examples without it; tests lint them, and give them to a real nginx, inside of it.
 */

import type { Rule } from './rule.ts';
import { indented, soundMain } from './sound.ts';

export interface Frame {
  readonly listenPort: number;
  readonly backendPort: number;
}

const usual: Frame = { listenPort: 80, backendPort: 9000 };

/** A configuration file with the rule's bad or good example in it. */
export function exampleConfiguration(rule: Rule, kind: 'bad' | 'good', frame: Frame = usual): string {
  return frameAround(rule[kind], rule.exampleIn ?? 'server', frame);
}

/** Puts a piece of configuration into a sound frame. */
export function frameAround(text: string, inside: 'main' | 'http' | 'server', frame: Frame = usual): string {
  if (inside === 'main') return `${text.trim()}\n`;
  const { listenPort, backendPort } = frame;
  const server = `server {
    listen ${listenPort};
    server_name app.example.com;

${indented(text.trim(), 4)}
}`;
  const backend = `upstream backend {
    server 127.0.0.1:${backendPort};
}`;
  return soundMain({ http: `${backend}\n${inside === 'http' ? text.trim() : server}` });
}
