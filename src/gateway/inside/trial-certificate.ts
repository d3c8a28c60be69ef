import { generateKeyPairSync, sign } from 'node:crypto';

/**
 * A key and a certificate that says nothing but a name and signs itself (X.509 version 1: RFC 5280, 4.1), for trials in
 * this process. Node reads certificates and makes none; a key in the sources would be one that everybody has.
 */
export function selfSigned(name: string): { readonly cert: string; readonly key: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const fact = der(0x30, der(0x31, der(0x30, commonName, der(0x0c, Buffer.from(name)))));
  const validity = der(0x30, der(0x17, Buffer.from('260101000000Z')), der(0x17, Buffer.from('491231235959Z')));
  const publicBytes = publicKey.export({ type: 'spki', format: 'der' });
  const facts = der(0x30, der(0x02, Buffer.of(1)), der(0x30, ecdsaWithSha256), fact, validity, fact, publicBytes);
  const signature = der(0x03, Buffer.of(0), sign('sha256', facts, privateKey));
  const bytes = der(0x30, facts, der(0x30, ecdsaWithSha256), signature).toString('base64');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${bytes.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** 1.2.840.10045.4.3.2 (RFC 5758, 3.2) and 2.5.4.3 (RFC 5280, appendix A). */
const ecdsaWithSha256 = Buffer.from('06082a8648ce3d040302', 'hex');
const commonName = Buffer.from('0603550403', 'hex');

/** Tag, length and content (X.690, 8.1), for up to 65,535 bytes. */
function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const bytes = Buffer.concat(content);
  const { length } = bytes;
  const head = length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), bytes]);
}
