// Set up before every test file: properties draw the same cases in each run, so that `npm test` says the same thing twice.
// `npm run soak -- properties` draws others, and many more.

import fc from 'fast-check';
import { seedOf } from './property-seed.ts';

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: seedOf(process.env['TENANTRY_PROPERTY_SEED']) });
