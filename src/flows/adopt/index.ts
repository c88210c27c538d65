export { type Adopted, type AdoptReport, adopt } from './adopt.ts';
export type { NotAdopted } from './wanted.ts';
