import type { Answer, ControlPlane, OperatorAsk, ReconcileAsk, RotationRequest } from '../flows/index.ts';

/** What the server needs: the control plane's flows, and the controller's verbs. */
export interface ServerParts {
  readonly plane: ControlPlane;
  readonly reconcile: (ask: ReconcileAsk) => Promise<Answer<object>>;
  /** Tells a rollout, or takes or ends an override, in the name of a credential. */
  readonly operate: (ask: OperatorAsk, by: string) => Promise<Answer<object>>;
  readonly drift: () => Promise<Answer<object>>;
  /** In the name of a credential. */
  readonly rotateKeys: (ask: RotationRequest, by: string) => Promise<Answer<object>>;
  /** A new request id. */
  readonly requestId: () => string;
}
