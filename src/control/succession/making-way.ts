import { commonVersion } from '../../gateway/handover/fields.ts';
import type { Succession } from '../handover/upgrade.ts';
import type { Supervisor } from '../supervisor.ts';
import type { CommitOutcome, Keeper, WrittenSupervisor } from './protocol.ts';
import { supervisorVersions } from './state.ts';
import { type Outside, writeSupervisor } from './written-state.ts';

/** What a supervisor leaves that has made way. */
export interface MadeWay {
  /** Of another one that it was given to; or it is this one that gives it back. */
  readonly outcome: CommitOutcome | 'given-back';
}

export interface MakingWayOptions {
  readonly keeper: Keeper;
  /** Known only once it has started. */
  readonly supervisor: () => Supervisor;
  readonly outside: () => Outside;
  /** The edge was told to end. */
  readonly ends: () => boolean;
  /** The control address; `release` is called once another process has it. */
  readonly control: () => { readonly handle: unknown; readonly release: () => void };
  /** Called when this supervisor's time is over: nothing of it may act from then on. */
  readonly onLeave: () => void;
  readonly onMadeWay: (made: MadeWay) => void;
}

/** One supervisor makes way for the next: tries it, and gives the edge to it. */
export function makingWay(options: MakingWayOptions): Succession {
  const { keeper, supervisor } = options;
  /** Of the state, as the next one reads it. */
  let version: number = supervisorVersions.newest;
  let trying = false;

  function written(perSecond: number | null, asVersion = version): WrittenSupervisor {
    const state = writeSupervisor(supervisor().kept({ ...options.outside(), perSecond }), asVersion);
    if (!state.ok) throw new Error(`its state cannot be written for the other one: ${state.problem}`);
    return state.raw;
  }

  return {
    async tryOut(probationMs) {
      trying = true;
      const greeting = await keeper.begin().catch((error: Error) => error.message);
      if (typeof greeting === 'string') return { ok: false, version: null, problem: greeting };
      const common = commonVersion(supervisorVersions, greeting.reads);
      if (common === null) {
        keeper.dismiss();
        const problem = 'it cannot read what a supervisor’s state says in this version';
        return { ok: false, version: greeting.version, problem };
      }
      version = common;
      return keeper.tryIt(written(null), probationMs);
    },
    obstacle() {
      const upstream = supervisor()
        .managed()
        .find(({ restart }) => restart?.stage === 'starting' || restart?.stage === 'draining')?.upstream;
      return upstream === undefined ? null : `the servers of ${upstream} are being restarted; ask again after that`;
    },
    dismiss() {
      if (trying) keeper.dismiss();
      trying = false;
    },
    async hand(perSecond) {
      trying = false;
      for (const piece of supervisor().past()) {
        keeper.pass(piece);
        // A full history is some 30 MB: whoever waits for this process must not wait for all of it.
        await new Promise((resolve) => setImmediate(resolve));
      }
      // Whoever is told to end does that; an edge that is half gone is given to nobody.
      if (options.ends()) {
        keeper.dismiss();
        return;
      }
      const state = written(perSecond);
      supervisor().leave();
      options.onLeave();
      const { handle, release } = options.control();
      void keeper.commit(state, handle, release).then((outcome) => options.onMadeWay({ outcome }));
    },
    settled() {
      keeper.successor?.settled();
    },
    giveBack(why) {
      if (options.ends()) return;
      const state = written(null);
      supervisor().leave();
      options.onLeave();
      void keeper.successor
        ?.giveBack(why, state, options.control().handle)
        .then(() => options.onMadeWay({ outcome: 'given-back' }));
    },
  };
}
