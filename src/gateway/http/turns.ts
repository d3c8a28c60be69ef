import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Requests that may wait behind an unanswered one of the same socket. Nobody sends so many ahead (apt, the last one
 * that does, sends ten); node:http reads a whole chunk of them before anybody can stop it, and each costs memory.
 */
const waitingMax = 100;

interface Waiting {
  readonly response: ServerResponse;
  readonly serve: () => void;
}

/** One request at a time for each client socket: who sends ahead is not read any further until it has its answers. */
export class RequestTurns {
  /** By socket, while a request of it is being served: those that wait behind it. */
  readonly #waiting = new WeakMap<Socket, Waiting[]>();

  take(request: IncomingMessage, response: ServerResponse, serve: () => void): void {
    const { socket } = request;
    // What was read before the socket was lost is parsed to its end: nobody would get an answer, and nobody knows any
    // more whose it was.
    if (socket.destroyed) return;
    const queue = this.#waiting.get(socket);
    if (queue === undefined) {
      this.#waiting.set(socket, []);
      this.#begin(socket, { response, serve });
    } else if (queue.length < waitingMax) {
      queue.push({ response, serve });
      socket.pause();
    } else {
      socket.destroy();
    }
  }

  #begin(socket: Socket, { response, serve }: Waiting): void {
    response.once('close', () => this.#next(socket));
    serve();
  }

  #next(socket: Socket): void {
    const next = this.#waiting.get(socket)?.shift();
    if (next === undefined || socket.destroyed) {
      this.#waiting.delete(socket);
      if (!socket.destroyed) socket.resume();
      return;
    }
    this.#begin(socket, next);
  }
}
