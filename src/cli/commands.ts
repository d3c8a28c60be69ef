import { registerCheck } from './commands/check.ts';
import type { Register } from './program.ts';

/** Every command, in the order in which the help lists them. One file each under commands/. */
export const commands: readonly Register[] = [registerCheck];
