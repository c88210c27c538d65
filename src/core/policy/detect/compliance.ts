// The disclaimers that stand below an answer when a document requires none of its own, in our own words. They are a reminder for
// the reader, no legal advice, and make no answer compliant with anything.

/** Below answers on money. */
export const FINANCIAL_DISCLAIMER =
  'This is general information from an automated assistant. It is not investment, tax or legal advice, and past results do not predict future ones.';

/** The class of a medical device under 21 CFR 860.3; the higher it is, the more a disclaimer must hold the reader back. */
export type DeviceClass = 'I' | 'II' | 'III';

/** Below answers on health, by the class of the device that the application is part of. */
export const HEALTH_DISCLAIMERS: { readonly [deviceClass in DeviceClass]: string } = {
  I: 'This is general health information from an automated assistant. It does not replace advice from a health professional.',
  II: 'This is general health information from an automated assistant. It is not a diagnosis or a treatment plan: ask a health professional before you act on it.',
  III: 'This text comes from an automated assistant and must not be used to decide on care until a licensed clinician has checked and confirmed it. In an emergency call your local emergency number.',
};
