/** Negotiating compression: RFC 7692, 5 and 7.1. */
import { dial } from '../../../client/dial/dial.ts';
import { formatExtensions } from '../../../ws/extension.ts';
import { headerValues } from '../../../ws/head.ts';
import { type Case, failed, nonStrict, passed, type Section } from '../case.ts';

const rfc = 'RFC 7692, 7.1';
const bits = [8, 9, 10, 11, 12, 13, 14, 15];

/** What a server may accept, or decline: an answer that is wrong is what fails. */
const good: readonly string[] = [
  'permessage-deflate',
  'permessage-deflate; client_max_window_bits',
  'permessage-deflate; server_no_context_takeover',
  'permessage-deflate; client_no_context_takeover',
  'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
  ...bits.map((each) => `permessage-deflate; server_max_window_bits=${each}`),
  ...bits.map((each) => `permessage-deflate; client_max_window_bits=${each}`),
  'permessage-deflate; server_max_window_bits=10; client_max_window_bits=10; server_no_context_takeover; client_no_context_takeover',
  'permessage-deflate; server_max_window_bits="10"',
  'permessage-deflate; client_max_window_bits, permessage-deflate',
  'x-nobody-knows, permessage-deflate',
  'permessage-deflate;client_max_window_bits',
  'permessage-deflate ; client_max_window_bits',
];

/** Numbers with a zero in front are not in the grammar, and mean what they would mean without it. */
const nearlyGood = ['permessage-deflate; server_max_window_bits=08', 'permessage-deflate; client_max_window_bits=010'];

/**
 * Offers that a server must decline: it upgrades without compression. Refusing the handshake is stricter than asked.
 */
const bad: readonly string[] = [
  'permessage-deflate; unknown_parameter',
  'permessage-deflate; server_no_context_takeover=1',
  'permessage-deflate; client_no_context_takeover=true',
  'permessage-deflate; server_no_context_takeover; server_no_context_takeover',
  'permessage-deflate; client_max_window_bits; client_max_window_bits',
  'permessage-deflate; server_max_window_bits',
  ...['7', '16', '0', '-8', '8.5', 'ten', '256'].map((value) => `permessage-deflate; server_max_window_bits=${value}`),
  ...['7', '16', '0', 'all'].map((value) => `permessage-deflate; client_max_window_bits=${value}`),
];

export const deflateOffersSection: Section = {
  id: 'deflate-offers',
  title: 'Compression: offers and answers',
  cases: [
    ...good.map(answeredRightly),
    ...bad.map((offer) => declined(offer)),
    ...nearlyGood.map((offer) => declined(offer, nonStrict)),
    fallback(),
  ],
};

function answeredRightly(offer: string): Case {
  return {
    name: offer,
    rfc,
    expected: 'accepted with parameters that the offer allows, or declined',
    play: async (arena) => {
      const result = await dial(arena.url, { ...arena.dial, extensions: offer });
      if (!result.ok) return failed(result.failure.detail);
      result.connection.cut();
      return passed(formatExtensions(result.handshake.extensions) || 'declined');
    },
  };
}

function declined(offer: string, acceptedIs = failed): Case {
  return {
    name: offer,
    rfc,
    expected: 'declined, and upgraded without compression',
    play: async (arena) => {
      const result = await dial(arena.url, { ...arena.dial, extensions: offer });
      if (result.ok) {
        result.connection.cut();
        const { extensions } = result.handshake;
        return extensions.length === 0 ? passed('declined') : acceptedIs(`accepted: ${formatExtensions(extensions)}`);
      }
      const { failure } = result;
      if (failure.phase !== 'upgrade') return nonStrict(failure.detail);
      if (failure.answer.status !== 101) return nonStrict(`the handshake is refused with ${failure.answer.status}`);
      return acceptedIs(`accepted: ${headerValues(failure.answer.rawHeaders, 'sec-websocket-extensions').join(', ')}`);
    },
  };
}

function fallback(): Case {
  const offer = 'permessage-deflate; unknown_parameter, permessage-deflate';
  return {
    name: 'a bad offer and a good one behind it',
    rfc: 'RFC 7692, 5',
    expected: 'the good one accepted, or both declined',
    play: async (arena) => {
      const result = await dial(arena.url, { ...arena.dial, extensions: offer });
      if (!result.ok)
        return result.failure.phase === 'upgrade' && result.failure.answer.status !== 101
          ? nonStrict(`refused with ${result.failure.answer.status}`)
          : failed(result.failure.detail);
      result.connection.cut();
      return passed(formatExtensions(result.handshake.extensions) || 'declined');
    },
  };
}
