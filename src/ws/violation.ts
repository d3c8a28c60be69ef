/**
 * Every way to break the protocol that Holdline recognises: the close code for the side at fault (RFC 6455, 7.4.1),
 * the section that is broken, and a sentence that fits a close reason (at most 123 bytes) and a log line.
 */
export interface ViolationFacts {
  readonly code: 1002 | 1007 | 1009;
  readonly section: string;
  readonly sentence: string;
}

export const violations = {
  'client-unmasked': { code: 1002, section: 'RFC 6455, 5.1', sentence: 'a frame from the client was not masked' },
  'server-masked': { code: 1002, section: 'RFC 6455, 5.1', sentence: 'a frame from the server was masked' },
  'reserved-bits': {
    code: 1002,
    section: 'RFC 6455, 5.2',
    sentence: 'a reserved bit was set that no extension defines',
  },
  'reserved-opcode': { code: 1002, section: 'RFC 6455, 5.2', sentence: 'a reserved opcode was used' },
  'control-too-long': { code: 1002, section: 'RFC 6455, 5.5', sentence: 'a control frame carried more than 125 bytes' },
  'control-fragmented': { code: 1002, section: 'RFC 6455, 5.5', sentence: 'a control frame was fragmented' },
  'continuation-unexpected': {
    code: 1002,
    section: 'RFC 6455, 5.4',
    sentence: 'a continuation frame came without a message to continue',
  },
  'continuation-missing': {
    code: 1002,
    section: 'RFC 6455, 5.4',
    sentence: 'a new message began before the fragmented one was finished',
  },
  'length-not-minimal': {
    code: 1002,
    section: 'RFC 6455, 5.2',
    sentence: 'a payload length was not written in the shortest form',
  },
  'length-too-large': { code: 1002, section: 'RFC 6455, 5.2', sentence: 'a 64-bit payload length had its top bit set' },
  'close-length': { code: 1002, section: 'RFC 6455, 5.5.1', sentence: 'a close frame carried a single byte' },
  'close-code': {
    code: 1002,
    section: 'RFC 6455, 7.4',
    sentence: 'a close frame carried a code that must not be sent',
  },
  'close-utf8': { code: 1007, section: 'RFC 6455, 5.5.1', sentence: 'a close reason was not valid UTF-8' },
  'after-close': { code: 1002, section: 'RFC 6455, 5.5.1', sentence: 'a frame followed the close frame' },
  'text-utf8': { code: 1007, section: 'RFC 6455, 8.1', sentence: 'a text message was not valid UTF-8' },
  'deflate-data': { code: 1007, section: 'RFC 7692, 7.2.2', sentence: 'a compressed message could not be inflated' },
  'message-too-big': { code: 1009, section: 'RFC 6455, 7.4.1', sentence: 'a message was larger than the limit' },
} as const satisfies Record<string, ViolationFacts>;

export type Violation = keyof typeof violations;
