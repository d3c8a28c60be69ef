import { z } from 'zod';
import { parseLine } from '../value/safe-text.ts';
import { block, oneOrMore } from './block.ts';
import { leaf, onOff, text } from './leaf.ts';
import { listenable, socketSettings, socketSettingsAlone, socketSettingsFit } from './socket.ts';

const listenAddress = listenable('0.0.0.0', '0.0.0.0:8080');

const certificateSchema = block({
  cert: leaf(text('the path of a PEM file', parseLine)).describe(
    'Certificate with its chain, PEM; relative to the spec file.',
  ),
  key: leaf(text('the path of a PEM file', parseLine)).describe('Private key, PEM; relative to the spec file.'),
});

const clientCertificatesSchema = block({
  ca: leaf(text('the path of a PEM file', parseLine)).describe('The authorities that sign client certificates, PEM.'),
  required: leaf(onOff).optional().describe('Refuse who shows none that can be verified.'),
});

const listenBlock = block({
  address: leaf(listenAddress).describe('Address and port, as in 0.0.0.0:8443 or [::]:8443, or unix:/run/edge.sock.'),
  ...socketSettings,
  tls: oneOrMore(certificateSchema)
    .refine((list) => list.length > 0 && list.length <= 256, 'needs 1 to 256 certificates')
    .optional()
    .describe('Certificates with their keys: the listener then speaks TLS.'),
  clientCertificates: clientCertificatesSchema.optional().describe('Certificates that clients are asked for.'),
  proxyProtocol: leaf(onOff).optional().describe('Expect a PROXY protocol header (v1 or v2) from trusted proxies.'),
}).refine(socketSettingsFit, socketSettingsAlone);

type WrittenListen = z.output<typeof listenBlock>;

/** An address, or a block with more about it. */
export const listenSchema = z.union([
  leaf(listenAddress).transform((address): WrittenListen => ({ address })),
  listenBlock,
]);
