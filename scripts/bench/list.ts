import { activate } from './activate.ts';
import type { Bench } from './bench.ts';
import { check } from './check.ts';
import { detectors } from './detectors.ts';
import { noop } from './noop.ts';
import { diffOneOrg, oneOrg } from './one-org.ts';
import { peers } from './peers.ts';
import { plan, publish } from './plan.ts';
import { policies } from './policies.ts';
import { propagate } from './propagate.ts';
import { proxy } from './proxy.ts';
import { refresh } from './refresh.ts';
import { render } from './render.ts';
import { stream } from './stream.ts';
import { templatePr } from './template-pr.ts';

/** Every bench; a new one is its file and its line here. */
export const benches: readonly Bench[] = [
  render,
  noop,
  check,
  oneOrg,
  diffOneOrg,
  templatePr,
  plan,
  publish,
  refresh,
  activate,
  propagate,
  proxy,
  stream,
  peers,
  detectors,
  policies,
];
