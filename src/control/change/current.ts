import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Certificate } from '../../gateway/contract.ts';
import type { EdgePlan } from '../../plan/edge/model.ts';
import { ticketSecretBytes, withTicketKeys } from '../workers/ticket-keys.ts';

/** What the edge runs under now: its plan, its certificates, and the secret of their session tickets. */
export class Current {
  plan: EdgePlan;
  #certificates: readonly (Certificate | null)[];
  #ticketSecret = randomBytes(ticketSecretBytes);

  constructor(plan: EdgePlan, certificates: readonly (Certificate | null)[]) {
    this.plan = plan;
    this.#certificates = certificates;
  }

  /** One for each listener, with the keys of its session tickets. */
  get certificates(): readonly (Certificate | null)[] {
    return withTicketKeys(this.#certificates, this.#ticketSecret);
  }

  /** True when these are others than those that run; then they run. */
  takesCertificates(next: readonly (Certificate | null)[]): boolean {
    if (isDeepStrictEqual(next, this.#certificates)) return false;
    this.#certificates = next;
    return true;
  }

  get ticketSecret(): Uint8Array {
    return this.#ticketSecret;
  }

  /** That of another supervisor: its clients' sessions are resumed here. */
  keepTicketSecret(secret: Uint8Array): void {
    this.#ticketSecret = Buffer.from(secret);
  }

  renewTicketSecret(): void {
    this.#ticketSecret = randomBytes(ticketSecretBytes);
  }
}
