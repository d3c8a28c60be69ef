import { fileURLToPath } from 'node:url';

/** The compiled entry beside this file, or, when the sources run as they are (tests), the one in dist/. */
export const workerEntry = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../../dist/control/workers/main.js' : './main.js', import.meta.url),
);
