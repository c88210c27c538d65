// The only things beyond ECMAScript that core may use. Every JavaScript host has them and both are deterministic.
// This file is part of the second compile alone (tsconfig.core.json); the whole-tree compile takes Node's own types.

interface TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>;
}

declare var TextEncoder: { new (): TextEncoder };

interface TextDecoder {
  decode(input?: Uint8Array): string;
}

declare var TextDecoder: {
  new (label?: 'utf-8', options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder;
};
