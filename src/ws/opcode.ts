/** Opcodes of RFC 6455, 5.2. Those with the high bit (8) set are control frames. */
export const opcodes = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

export type Opcode = (typeof opcodes)[keyof typeof opcodes];
