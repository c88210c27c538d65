// Handlebars' parser alone: nothing of its compiler or runtime is loaded, and the package types only its whole.
declare module 'handlebars/dist/cjs/handlebars/compiler/base.js' {
  export function parseWithoutProcessing(text: string): unknown;
}
