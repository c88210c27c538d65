import type { Answer, ControlPlane, ReconcileAsk, RotationRequest } from '../flows/index.ts';

/** What the server needs: the control plane's flows, and the controller's verbs. */
export interface ServerParts {
  readonly plane: ControlPlane;
  readonly reconcile: (ask: ReconcileAsk) => Promise<Answer<object>>;
  readonly drift: () => Promise<Answer<object>>;
  readonly rotateKeys: (ask: RotationRequest) => Promise<Answer<object>>;
  /** A new request id. */
  readonly requestId: () => string;
}
