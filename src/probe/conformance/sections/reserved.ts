/** Reserved bits and opcodes: RFC 6455, 5.2. No extension is offered, so that none of them means anything. */
import { closePayload } from '../../../ws/frame.ts';
import { rawFrame } from '../../raw-frame.ts';
import type { Case, Section } from '../case.ts';
import { comesBack, ends, textMessage } from '../play.ts';

const rfc = 'RFC 6455, 5.2';
const bits = [1, 2, 3, 4, 5, 6, 7];
const opcodes = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15];
const some = Buffer.from('some');

const bitsText = (rsv: number) => ['RSV1', 'RSV2', 'RSV3'].filter((_, i) => (rsv & (4 >> i)) !== 0).join(' and ');

export const reservedSection: Section = {
  id: 'reserved',
  title: 'Reserved bits and opcodes',
  cases: [
    ...bits.map((rsv) => bit(`${bitsText(rsv)} on text`, { opcode: 1, rsv, payload: some })),
    ...bits.map((rsv) => bit(`${bitsText(rsv)} on a ping`, { opcode: 9, rsv, payload: some })),
    ...bits.map((rsv) => bit(`${bitsText(rsv)} on a close frame`, { opcode: 8, rsv, payload: closePayload(1000, '') })),
    ...[4, 2, 1].map((rsv) => bit(`${bitsText(rsv)} on binary`, { opcode: 2, rsv, payload: some })),
    ...[4, 2, 1].map((rsv) => bit(`${bitsText(rsv)} on a pong`, { opcode: 10, rsv, payload: some })),
    ...[4, 2, 1].map((rsv) =>
      ends(
        `${bitsText(rsv)} on a continuation`,
        [rawFrame({ opcode: 1, fin: false, payload: some }), rawFrame({ opcode: 0, rsv, payload: some })],
        [1002],
        // Some servers show the first fragment before they see the second.
        { rfc, messagesBefore: 1 },
      ),
    ),
    ...opcodes.map((opcode) => ends(`opcode ${opcode}`, [rawFrame({ opcode, payload: some })], [1002], { rfc })),
    ...opcodes.map((opcode) => ends(`opcode ${opcode} with nothing in it`, [rawFrame({ opcode })], [1002], { rfc })),
    ...opcodes.map((opcode) =>
      ends(
        `opcode ${opcode} between two fragments`,
        [rawFrame({ opcode: 1, fin: false, payload: some }), rawFrame({ opcode })],
        [1002],
        // Some servers show the first fragment before they see the second.
        { rfc, messagesBefore: 1 },
      ),
    ),
    ...[2, 1, 4].map((rsv) => behind(`${bitsText(rsv)} on a ping`, { opcode: 9, rsv })),
    ...[3, 5, 7, 11, 13, 15].map((opcode) => behind(`opcode ${opcode}`, { opcode, payload: some })),
    comesBack('the same frames without any of it', [rawFrame({ opcode: 1, payload: some })], [textMessage(some)], {
      rfc,
    }),
  ],
};

/** A message that is right comes first, in the same packet: it is echoed, and then comes the end. */
function behind(name: string, frame: Parameters<typeof rawFrame>[0]): Case {
  return ends(`${name} behind a whole message`, [rawFrame({ opcode: 1, payload: some }), rawFrame(frame)], [1002], {
    rfc,
    messagesBefore: 1,
    echoesBefore: true,
  });
}

function bit(name: string, frame: Parameters<typeof rawFrame>[0]): Case {
  return ends(name, [rawFrame(frame)], [1002], { rfc, isClose: frame.opcode === 8 });
}
