/** Why a handshake is not waited for any longer. */
export type Impatience = 'left' | 'timeout' | 'shutdown';

/**
 * Says when it is no use to go on with a handshake: its client has left, its time is up, or the worker ends. An
 * AbortSignal would say the same at several times the cost, and every handshake has one of these.
 */
export class Patience {
  /** null while there is any. */
  lost: Impatience | null = null;
  #onLost: (() => void) | null = null;

  lose(reason: Impatience): void {
    if (this.lost !== null) return;
    this.lost = reason;
    this.#onLost?.();
  }

  /** Calls once when patience is lost; one listener at a time, null for none. */
  listen(onLost: (() => void) | null): void {
    this.#onLost = onLost;
  }
}

/**
 * One that is lost with `patience`, and with reason `timeout` when `ms` are over, for a part of what is waited for;
 * listens to `patience` meanwhile.
 */
export async function patientFor<Result>(
  patience: Patience,
  ms: number,
  act: (part: Patience) => Promise<Result>,
): Promise<Result> {
  const part = new Patience();
  const timer = setTimeout(() => part.lose('timeout'), ms);
  patience.listen(() => part.lose(patience.lost!));
  try {
    return await act(part);
  } finally {
    clearTimeout(timer);
    patience.listen(null);
  }
}
