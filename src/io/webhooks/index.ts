// Promise: the Notifier port over HTTPS: one signed POST per try, as the Standard Webhooks specification 1.0.0 has it.
// Input: a message with its URL and the name of a variable. Output: whether it was taken, or why not, without any secret.
// Invariants: addresses are judged after resolution; no redirect is followed; time and bytes are bounded; it never throws.
export { type WebhookOptions, webhookNotifier } from './send.ts';
