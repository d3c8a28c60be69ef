import { registerBench } from './commands/bench.ts';
import { registerCheck } from './commands/check.ts';
import { registerConnect } from './commands/connect.ts';
import { registerExplain } from './commands/explain.ts';
import { registerGenerate } from './commands/generate.ts';
import { registerKick } from './commands/kick.ts';
import { registerLint } from './commands/lint.ts';
import { registerLs } from './commands/ls.ts';
import { registerOrigins } from './commands/origins.ts';
import { registerPlan } from './commands/plan.ts';
import { registerProbe } from './commands/probe.ts';
import { registerReload } from './commands/reload.ts';
import { registerSend } from './commands/send.ts';
import { registerUp } from './commands/up.ts';
import { registerVerify } from './commands/verify.ts';
import type { Register } from './program.ts';

/** Every command, in the order in which the help lists them. One file each under commands/. */
export const commands: readonly Register[] = [
  registerUp,
  registerCheck,
  registerLint,
  registerPlan,
  registerGenerate,
  registerVerify,
  registerExplain,
  registerProbe,
  registerConnect,
  registerBench,
  registerLs,
  registerKick,
  registerSend,
  registerOrigins,
  registerReload,
];
