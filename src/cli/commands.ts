import { registerCheck } from './commands/check.ts';
import { registerExplain } from './commands/explain.ts';
import { registerPlan } from './commands/plan.ts';
import type { Register } from './program.ts';

/** Every command, in the order in which the help lists them. One file each under commands/. */
export const commands: readonly Register[] = [registerCheck, registerPlan, registerExplain];
