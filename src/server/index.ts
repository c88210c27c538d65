// Promise: the control plane over HTTP: gateways, tenants and the platform team, each in its own scope.
// Input: requests on one address; flows do the work. Output: JSON (or bundle bytes) with ETags and request ids.
// Invariants: a limit before every body, and on all that are here together; a tenant route answers 404 for any other org; every route stands in OpenAPI.
export { createApp } from './app.ts';
export { type ListeningServer, listen } from './listen.ts';
export { openApiDocument } from './openapi.ts';
export type { ServerParts } from './parts.ts';
export { ROUTES } from './routes.ts';
export { DOOR_PLAN } from './seats.ts';
