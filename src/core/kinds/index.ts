// Promise: everything that is known of a manifest kind: where it lies, what its fields are, its one text.
// Input: documents as plain data, paths, pointers.
// Output: descriptors, paths, shape errors, keyed forms, field facts, references, emitted text.
// Invariants: path and id are a bijection; toKeyed and fromKeyed undo each other; emit is the only writer of manifests.
export { isShared, shareConstant } from './constants.ts';
export type { KindDescriptor, Layout } from './descriptor.ts';
export { descriptorOf, descriptors } from './descriptors.ts';
export { EmitError, emit } from './emit.ts';
export { type FieldFacts, fieldFacts, keyInWords, type ListType, type MergeType, TOPICS, type Topic } from './facts.ts';
export { documentPointer, fromKeyed, keyedAt, keyedPointer, ORDER_KEY, toKeyed } from './keyed.ts';
export { nearest } from './nearest.ts';
export { oneOf } from './one-of.ts';
export { idOfPath, type PathMeaning, pathOf } from './paths.ts';
export { type Named, type Reference, references } from './references.ts';
export { isPlain } from './scalar.ts';
export { holdsSecretText, isSecretText } from './secret-text.ts';
export { type ShapeError, validateShape } from './shape.ts';
