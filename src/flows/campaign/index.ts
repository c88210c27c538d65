// Promise: an upgrade as pull requests, one for each ring, the next ring only when the one before is merged.
// Input: the base branch of a remote, a Forge, who we are there. Output: what was done for each ring, as data.
// Invariants: one open pull request for each ring, however often and however many run; nobody's commits are overwritten;
// what a person closed stays closed unless asked for; the work tree is never touched.

export { type CampaignReport, openCampaign } from './campaign.ts';
export type { CampaignAsk, CampaignParts, RingReport } from './parts.ts';
