/**
 * What frameworks say to plain requests alone: a handshake that arrived as one would have come to other code of theirs.
 */
import type { FailureFacts } from './cause.ts';

const frameworks: readonly (readonly [RegExp, string])[] = [
  [/Cannot GET \//, 'Express'],
  [/^\{"detail":"Not Found"\}$/, 'FastAPI'],
  [/^\{"message":"Route GET:/, 'Fastify'],
  [/"status":404,"error":"Not Found".*"path":/, 'Spring'],
];

export function frameworkOf({ body }: FailureFacts): string | null {
  return frameworks.find(([mark]) => mark.test(body))?.[1] ?? null;
}

/** The one that worked in a second try. */
export function wantedSubprotocol({ tries }: FailureFacts): string {
  return tries.get('vite')?.ok === true
    ? 'vite-hmr'
    : 'one of those that are usual (graphql-transport-ws, mqtt, ocpp1.6 …)';
}
