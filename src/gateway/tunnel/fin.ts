import type { Half } from './half.ts';

/**
 * Sends our FIN to `own`'s source when nothing is left to say to it and nothing is awaited from it: the closing
 * handshake with it is complete, both ends have finished, or the other end is gone and no close frame could be sent
 * (RFC 6455, 7.1.1).
 */
export function finishIfDone(own: Half, toward: Half): void {
  const closeSent = !toward.open || toward.closeSeen;
  const complete = closeSent && own.finished;
  const bothFinished = own.sourceEnded && toward.finished;
  const nothingToSay = toward.sourceEnded && !closeSent;
  if (complete || bothFinished || nothingToSay) own.source.end();
}
