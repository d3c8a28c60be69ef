import type { z } from 'zod';
import type { Parsed } from '../../base/units.ts';
import { parseHostPort } from '../value/address.ts';
import { parseSocketUrl } from '../value/socket-path.ts';
import { type Kind, leaf, text } from './leaf.ts';

/** What can be listened on, as it is written: who may open a socket stands beside it. */
export interface WrittenAddress {
  readonly host: string;
  readonly port: number;
  /** Path of a Unix socket. */
  readonly path?: string;
}

/** `anyHost` is the host of an address that is only a port. */
export function listenable(anyHost: string, example: string): Kind<string | number, WrittenAddress> {
  return {
    expected: `an address such as ${example}, a port, or a Unix socket such as unix:/run/edge.sock`,
    json: { type: ['string', 'integer'] },
    read: (value) => {
      if (typeof value === 'number') return parseHostPort(String(value), anyHost);
      if (typeof value !== 'string') return null;
      const socket = parseSocketUrl(value);
      if (socket === null) return parseHostPort(value, anyHost);
      return socket.ok
        ? { ok: true, value: { host: 'localhost', port: 0, path: socket.value.slice('unix:'.length) } }
        : socket;
    },
  };
}

/** Octal, as chmod has it: YAML reads 0660 in two ways, so the digits are what counts. */
const mode: Kind<string | number, number> = {
  expected: 'permissions such as "660"',
  json: { type: ['string', 'integer'] },
  read: (value) => {
    if (typeof value !== 'string' && typeof value !== 'number') return null;
    const digits = /^(?:0o?)?([0-7]{3})$/.exec(String(value).trim())?.[1];
    return digits === undefined
      ? { ok: false, problem: `"${value}" is not a set of permissions; write three digits from 0 to 7, as in "660"` }
      : { ok: true, value: Number.parseInt(digits, 8) };
  },
};

function parseOwner(written: string): Parsed<string> {
  return /^(?:[a-z_][a-z0-9_.-]{0,31}\$?|\d{1,10})?(?::(?:[a-z_][a-z0-9_.-]{0,31}|\d{1,10}))?$/i.test(written) &&
    written !== ''
    ? { ok: true, value: written }
    : { ok: false, problem: `"${written}" is not an owner; write www-data, www-data:www-data, :www-data or 33:33` };
}

/** Settings of a Unix socket that is listened on. */
export const socketSettings = {
  mode: leaf(mode).optional().describe('Permissions of a Unix socket, as in "660".'),
  owner: leaf(text('a user, a group or both, such as www-data:www-data', parseOwner))
    .optional()
    .describe('Owner of a Unix socket, as in www-data:www-data.'),
} satisfies Record<string, z.ZodType>;

/** For blocks that have these settings beside an address. */
export function socketSettingsFit(written: {
  readonly address?: WrittenAddress | undefined;
  readonly mode?: number | undefined;
  readonly owner?: string | undefined;
}): boolean {
  return written.address?.path !== undefined || (written.mode === undefined && written.owner === undefined);
}

export const socketSettingsAlone = 'has mode or owner, which belong to Unix sockets, but its address is not one';
