import type { Section } from './case.ts';
import { closeSection } from './sections/close.ts';
import { controlSection } from './sections/control.ts';
import { deflateMessagesSection } from './sections/deflate-messages.ts';
import { deflateOffersSection } from './sections/deflate-offers.ts';
import { fragmentSection } from './sections/fragments.ts';
import { handshakeSection } from './sections/handshake.ts';
import { lengthSection } from './sections/lengths.ts';
import { limitSection } from './sections/limits.ts';
import { maskingSection } from './sections/masking.ts';
import { reservedSection } from './sections/reserved.ts';
import { utf8Section } from './sections/utf8.ts';

/** In the order of the RFCs; a section's place is its number. */
export const sections: readonly Section[] = [
  handshakeSection,
  maskingSection,
  lengthSection,
  reservedSection,
  controlSection,
  fragmentSection,
  utf8Section,
  closeSection,
  deflateOffersSection,
  deflateMessagesSection,
  limitSection,
];
