// Promise: what the evidence of an org proves, and copies of it for people and programs outside.
// Input: the run-time rows of one org. Output: reports and rows as data.
// Invariants: nothing is written; lines are judged as the texts they came as, never as what was read from them.
export { allLines, copyLines, isCut, type LineCopy, MOST_OF_PAGE, newestPosition, type Span } from './copy.ts';
export { FOCUS_COLUMNS, type FocusRow, focusCsv, focusRows } from './focus.ts';
export { newestHistory } from './history.ts';
export { pages } from './holdings.ts';
export { type ShownEvent, shownEvent } from './read.ts';
export { type ReceiptGateway, type ReceiptParts, type RevocationReceipt, revocationReceipt } from './receipt.ts';
export { committedLosses } from './revocation.ts';
export { type LinkText, linkOf, misfitOf } from './shapes.ts';
export { type EvidenceFault, type EvidenceReport, verifyEvidence } from './verify.ts';
