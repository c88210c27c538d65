import type { Migration } from '../migrate.ts';
import { initial } from './0001-initial.sql.ts';
import { rollouts } from './0002-rollouts.sql.ts';
import { heartbeats } from './0003-heartbeats.sql.ts';
import { money } from './0004-money.sql.ts';
import { forgotten } from './0005-forgotten.sql.ts';
import { reviews } from './0006-reviews.sql.ts';
import { tools } from './0007-tools.sql.ts';
import { enrolments } from './0008-enrolments.sql.ts';
import { received } from './0009-received.sql.ts';
import { answers } from './0010-answers.sql.ts';
import { chains } from './0011-chains.sql.ts';
import { refusals } from './0012-refusals.sql.ts';
import { roots } from './0013-roots.sql.ts';

/** Every migration, in order. Released ones never change: add the next number instead. */
export const migrations: readonly Migration[] = [
  initial,
  rollouts,
  heartbeats,
  money,
  forgotten,
  reviews,
  tools,
  enrolments,
  received,
  answers,
  chains,
  refusals,
  roots,
];
