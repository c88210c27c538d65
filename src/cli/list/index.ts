import type { CommandSpec } from '../spec.ts';
import { evidence } from './evidence.ts';
import { forge } from './forge.ts';
import { gateways } from './gateways.ts';
import { keys } from './keys.ts';
import { repository } from './repository.ts';
import { state } from './state.ts';

/** Every command of the contract that stands, in the order in which `--help` lists them. */
export const COMMANDS: readonly CommandSpec[] = [...repository, ...state, ...keys, ...gateways, ...evidence, ...forge];
