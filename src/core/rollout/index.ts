// Promise: one change of one org on its way through the rings: who gets which content, and when a ring is done or has failed.
// Input: the applied fleet.yaml, what gateways have and should have, acknowledgements and traffic, the present.
// Output: the next state of the rollout, and what is to be done about it.
// Invariants: pure; a judged ring ends by acknowledgements of its content and its soak, or by an operator, never by time alone;
// a later ring is closed until every earlier one ended; a halt holds this rollout and no other.
export { type Delivered, deniedNames, holdOf } from './deliveries.ts';
export { isOpen, type MemberSeen, NO_TRAFFIC, type Seen } from './facts.ts';
export { contentsAt, generationOf, isBack } from './overrides.ts';
export { type DeliveryPlan, newest, planDelivery } from './plan.ts';
export { ringChooser, ringsOf } from './rings.ts';
export { type RolloutAction, type RolloutEvent, step, VERBS, type Verb } from './step.ts';
