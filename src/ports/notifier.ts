/** A message to one webhook, ready but for its signature. */
export interface WebhookMessage {
  /** The same for every try of one message, so that its receiver knows it again. */
  readonly id: string;
  readonly url: string;
  /** The variable that holds the secret; the secret itself never leaves the driver. */
  readonly secretEnv: string;
  /** Of this try, Unix milliseconds. */
  readonly nowMs: number;
  /** JSON. */
  readonly body: string;
}

/** How a try ended: `gone` where the receiver said that it wants none any more. */
export type WebhookAnswer =
  | { readonly ok: true }
  | { readonly ok: false; readonly gone: boolean; readonly error: string };

/** Sends signed messages, each try bounded in time and bytes. Never throws. */
export interface Notifier {
  send(message: WebhookMessage): Promise<WebhookAnswer>;
}
