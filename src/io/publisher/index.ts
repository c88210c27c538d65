// Promise: the Publisher port over a folder that any static web server can serve, an object store or an OCI registry.
// Input: an org uid, a relative path, bytes. Output: `<place>/<org uid>/<path>`, written whole or not at all.
// Invariants: nothing outside the org's folder is read or written; an immutable file never changes; of two writers of the
// mutable one only one wins; what is written is there for good before the call returns.
export { filePublisher } from './files.ts';
export { ociPublisher } from './oci/publisher.ts';
export { registryCredentialsFrom } from './oci/settings.ts';
export { s3Publisher } from './s3/publisher.ts';
export { type S3Place, s3CredentialsFrom } from './s3/settings.ts';
