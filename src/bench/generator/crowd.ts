/**
 * The clients of one process: who is connected, who is away, and who is closed in order because a later phase does
 * without.
 */
import { type Client, createClient } from './client.ts';

export class Crowd {
  readonly #clients = new Map<number, Client>();
  readonly #open = new Set<Client>();
  readonly #away = new Set<Client>();
  readonly #retiring = new Set<Client>();

  get openCount(): number {
    return this.#open.size;
  }

  get awayCount(): number {
    return this.#away.size;
  }

  /** True while any connection is open, those that are being closed included. */
  get isConnected(): boolean {
    return this.#open.size + this.#retiring.size > 0;
  }

  all(): Iterable<Client> {
    return this.#clients.values();
  }

  /** A copy: what is done to its members may change who is open. */
  open(): readonly Client[] {
    return [...this.#open];
  }

  add(index: number): Client {
    const client = createClient(index);
    this.#clients.set(index, client);
    return client;
  }

  joined(client: Client): void {
    (client.retired ? this.#retiring : this.#open).add(client);
    this.#away.delete(client);
  }

  /** Its connection is over, and it comes back. */
  lost(client: Client, { returns }: { readonly returns: boolean }): void {
    this.#open.delete(client);
    if (returns) this.#away.add(client);
  }

  /** Its connection was closed in order. */
  left(client: Client): void {
    this.#open.delete(client);
    this.#retiring.delete(client);
  }

  staysAway(client: Client): void {
    this.#away.delete(client);
  }

  nobodyReturns(): void {
    this.#away.clear();
  }

  /** Lets every client go whose index is `connections` or above. */
  shrink(connections: number): void {
    for (const client of [...this.#clients.values()]) if (client.index >= connections) this.#retire(client);
  }

  close(): void {
    for (const client of this.#open) void client.connection!.close();
  }

  cut(): void {
    for (const client of [...this.#open, ...this.#retiring]) client.connection?.cut();
  }

  #retire(client: Client): void {
    client.retired = true;
    this.#clients.delete(client.index);
    this.#away.delete(client);
    this.#open.delete(client);
    if (client.connection === null) return;
    this.#retiring.add(client);
    void client.connection.close();
  }
}
