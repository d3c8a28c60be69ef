import type { CloseRequest } from '../contract.ts';
import type { Connection } from './connection.ts';
import type { Due, Wheel } from './wheel.ts';

/** A message of the largest size over a slow line; longer, and whoever sends it could put the end off for ever. */
const messageWaitMs = 2000;

/**
 * Closes a connection as soon as nothing of a message is half carried, in either direction, or when that takes too
 * long.
 */
export function closeBetweenMessages(connection: Connection, request: CloseRequest, wheel: Wheel): void {
  const untilMs = wheel.nowMs + messageWaitMs;
  const isDue = (nowMs: number) =>
    nowMs >= untilMs || connection.directions.every((direction) => direction.atMessageBoundary);
  if (isDue(wheel.nowMs)) {
    connection.close(request);
    return;
  }
  connection.leaves = true;
  // Looked at with each turn of the wheel: soon enough, and free for the connections that stay.
  const leave: Due = {
    dueTick: -1,
    onDue(nowMs) {
      if (connection.state === 'open' && !isDue(nowMs)) return nowMs;
      connection.close(request);
      return Number.POSITIVE_INFINITY;
    },
  };
  wheel.schedule(leave, wheel.nowMs);
}
