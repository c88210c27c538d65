/** Keys of model providers, clouds, forges and chats, our own tokens, and private keys, by their shape; each begins with a letter or sign that stands for itself. */
const LIST = [
  'sk-[A-Za-z0-9_-]{16,}',
  'sk_(?:live|test)_[A-Za-z0-9]{16,}',
  'gh[pousr]_[A-Za-z0-9]{20,}',
  'AKIA[0-9A-Z]{16}',
  'AIza[A-Za-z0-9_-]{30,}',
  'xox[abprs]-[A-Za-z0-9-]{10,}',
  'kt_[a-z]{2,4}_[A-Za-z0-9]{16,}',
  'tnt_[a-z0-9]{4,32}_[A-Za-z0-9]{20,}.*',
  '-----BEGIN [A-Z ]*PRIVATE KEY-----[\\s\\S]*',
];
const SHAPES = LIST.join('|');

const WHOLE = new RegExp(`^(?:${SHAPES})$`);
const ANYWHERE = new RegExp(`(?<![A-Za-z0-9])(?:${SHAPES})`);

/** How the shapes begin: most texts begin otherwise, and this is asked of every text of every policy. */
const FIRST = new Set(Array.from(LIST, (shape) => shape.charCodeAt(0)));

/** True for a text that is a secret by its shape. */
export function isSecretText(text: string): boolean {
  return FIRST.has(text.charCodeAt(0)) && WHOLE.test(text);
}

/** True for a text with a secret anywhere in it: it must not be repeated. */
export function holdsSecretText(text: string): boolean {
  return ANYWHERE.test(text);
}
