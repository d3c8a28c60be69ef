/** Agreeing on permessage-deflate (RFC 7692, 7.1): what a client offers, what a server answers, and what then holds. */
import type { Extension, ExtensionParameter } from './extension.ts';

export const deflateName = 'permessage-deflate';

/** What holds for the connection. Window bits are 8 to 15: a window of 256 bytes to 32 KiB. */
export interface DeflateAgreement {
  readonly serverNoContextTakeover: boolean;
  readonly clientNoContextTakeover: boolean;
  readonly serverMaxWindowBits: number;
  readonly clientMaxWindowBits: number;
}

/** What one side wants; what is absent is left to the other. */
export interface DeflateWishes {
  readonly serverNoContextTakeover?: boolean;
  readonly clientNoContextTakeover?: boolean;
  /** 8 to 15. */
  readonly serverMaxWindowBits?: number;
  /** 8 to 15; in a client's offer, null says "name any number and I will keep to it". */
  readonly clientMaxWindowBits?: number | null;
}

/** The offer of a client. Throws RangeError for window bits outside 8 to 15. */
export function offerDeflate(wishes: DeflateWishes = {}): Extension {
  const parameters: ExtensionParameter[] = [];
  if (wishes.serverNoContextTakeover) parameters.push({ name: 'server_no_context_takeover', value: null });
  if (wishes.clientNoContextTakeover) parameters.push({ name: 'client_no_context_takeover', value: null });
  if (wishes.serverMaxWindowBits !== undefined)
    parameters.push({ name: 'server_max_window_bits', value: bitsText(wishes.serverMaxWindowBits) });
  if (wishes.clientMaxWindowBits !== undefined)
    parameters.push({
      name: 'client_max_window_bits',
      value: wishes.clientMaxWindowBits === null ? null : bitsText(wishes.clientMaxWindowBits),
    });
  return { name: deflateName, parameters };
}

/**
 * The server's choice: the first offer that is well-formed, or null when there is none and the handshake goes on
 * without compression. A wish about the client's window is only voiced to a client that said it can keep it.
 */
export function answerDeflate(
  offers: readonly Extension[],
  wishes: DeflateWishes = {},
): { readonly answer: Extension; readonly agreement: DeflateAgreement } | null {
  for (const offer of offers) {
    if (offer.name !== deflateName) continue;
    const read = readParameters(offer, { bareClientBits: true });
    if (read === null) continue;
    const clientBits = read.clientMaxWindowBits === undefined ? 15 : (read.clientMaxWindowBits ?? 15);
    const agreement: DeflateAgreement = {
      serverNoContextTakeover: read.serverNoContextTakeover || wishes.serverNoContextTakeover === true,
      clientNoContextTakeover: read.clientNoContextTakeover || wishes.clientNoContextTakeover === true,
      serverMaxWindowBits: Math.min(read.serverMaxWindowBits ?? 15, wishes.serverMaxWindowBits ?? 15),
      clientMaxWindowBits:
        read.clientMaxWindowBits === undefined ? 15 : Math.min(clientBits, wishes.clientMaxWindowBits ?? 15),
    };
    const answer = offerDeflate({
      serverNoContextTakeover: agreement.serverNoContextTakeover,
      clientNoContextTakeover: agreement.clientNoContextTakeover,
      ...(read.serverMaxWindowBits !== undefined || agreement.serverMaxWindowBits < 15
        ? { serverMaxWindowBits: agreement.serverMaxWindowBits }
        : {}),
      ...(agreement.clientMaxWindowBits < 15 ? { clientMaxWindowBits: agreement.clientMaxWindowBits } : {}),
    });
    return { answer, agreement };
  }
  return null;
}

/**
 * What the server's answer means to the client that made the offers. Null when it breaks RFC 7692, 7.1, or accepts
 * what none of the offers allows: the client must then fail the connection.
 */
export function readDeflateAnswer(offers: readonly Extension[], answer: Extension): DeflateAgreement | null {
  const read = readParameters(answer, { bareClientBits: false });
  if (read === null) return null;
  const fits = offers.some((offer) => offer.name === deflateName && answerFits(offer, read));
  if (!fits) return null;
  return {
    serverNoContextTakeover: read.serverNoContextTakeover,
    clientNoContextTakeover: read.clientNoContextTakeover,
    serverMaxWindowBits: read.serverMaxWindowBits ?? 15,
    clientMaxWindowBits: read.clientMaxWindowBits ?? 15,
  };
}

interface ReadParameters {
  readonly serverNoContextTakeover: boolean;
  readonly clientNoContextTakeover: boolean;
  readonly serverMaxWindowBits: number | undefined;
  /** Null when the name stood without a value. */
  readonly clientMaxWindowBits: number | null | undefined;
}

function answerFits(offer: Extension, answer: ReadParameters): boolean {
  const offered = readParameters(offer, { bareClientBits: true });
  if (offered === null) return false;
  if (offered.serverNoContextTakeover && !answer.serverNoContextTakeover) return false;
  if (offered.serverMaxWindowBits !== undefined && (answer.serverMaxWindowBits ?? 16) > offered.serverMaxWindowBits)
    return false;
  // The client's own number is a hint: the server may name any, but only to a client that offered to be told.
  return answer.clientMaxWindowBits === undefined || offered.clientMaxWindowBits !== undefined;
}

/** Null for an unknown parameter, one that comes twice, or a value that is not allowed (RFC 7692, 7.1). */
function readParameters(extension: Extension, allowed: { readonly bareClientBits: boolean }): ReadParameters | null {
  const seen = new Map<string, string | null>();
  for (const { name, value } of extension.parameters) {
    if (seen.has(name) || !isAllowed(name, value, allowed.bareClientBits)) return null;
    seen.set(name, value);
  }
  const serverBits = seen.get('server_max_window_bits');
  const clientBits = seen.get('client_max_window_bits');
  return {
    serverNoContextTakeover: seen.has('server_no_context_takeover'),
    clientNoContextTakeover: seen.has('client_no_context_takeover'),
    serverMaxWindowBits: serverBits == null ? undefined : Number(serverBits),
    clientMaxWindowBits: clientBits == null ? clientBits : Number(clientBits),
  };
}

function isAllowed(name: string, value: string | null, bareClientBits: boolean): boolean {
  switch (name) {
    case 'server_no_context_takeover':
    case 'client_no_context_takeover':
      return value === null;
    case 'server_max_window_bits':
      return value !== null && windowBits.test(value);
    case 'client_max_window_bits':
      return value === null ? bareClientBits : windowBits.test(value);
    default:
      return false;
  }
}

/** 8 to 15 without leading zeros (RFC 7692, 7.1.2). */
const windowBits = /^(?:[89]|1[0-5])$/;

function bitsText(bits: number): string {
  if (!Number.isInteger(bits) || bits < 8 || bits > 15) throw new RangeError(`window bits are 8 to 15, not ${bits}`);
  return String(bits);
}
