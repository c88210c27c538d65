import { publishError } from '../error.ts';
import { isLoopback } from '../http.ts';

/** Where published files lie in an object store with the S3 interface. */
export interface S3Place {
  /** `https://s3.eu-central-1.amazonaws.com`; plain http on loopback only. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Before every key, without slashes at its ends; empty: none. */
  readonly prefix: string;
}

/** A key pair; the secret half is only handed to whoever signs. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly sessionToken: string | undefined;
  withSecret<T>(use: (secretAccessKey: string) => T): T;
}

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const PREFIX = /^([A-Za-z0-9][A-Za-z0-9._-]{0,99}(\/[A-Za-z0-9][A-Za-z0-9._-]{0,99}){0,4})?$/;

/** What a header can hold: one that holds more would be quoted by the error of whoever sends it. */
const IN_A_HEADER = /^[\x21-\x7e]*$/;

/**
 * The pair of the environment, under the names that every S3 client reads; PUBLISH_REFUSED when there is none, or where what
 * is sent as it is could not be.
 */
export function s3CredentialsFrom(environment: Readonly<Record<string, string | undefined>>): S3Credentials {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = environment;
  if (accessKeyId === undefined || accessKeyId === '' || secret === undefined || secret === '') {
    throw publishError(
      'PUBLISH_REFUSED',
      'expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, found none',
    );
  }
  for (const [name, value] of Object.entries({ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SESSION_TOKEN: token ?? '' })) {
    if (IN_A_HEADER.test(value)) continue;
    throw publishError(
      'PUBLISH_REFUSED',
      `expected ${name} of plain characters, found a space, a line break or another that no header can hold`,
    );
  }
  return {
    accessKeyId,
    sessionToken: token === '' ? undefined : token,
    withSecret: (use) => use(secret),
  };
}

/** Where a bucket is asked. */
export interface S3Address {
  /** The bucket itself, which answers with lists. */
  readonly bucket: URL;
  /** Before the key of every file, ended by a slash; empty where there is none. */
  readonly prefix: string;
  /** The folder of all orgs. */
  readonly base: URL;
}

/** What the settings come to; PUBLISH_PLACE for one that would send credentials or bundles in the clear. */
export function s3Address({ endpoint, bucket, prefix: folder }: S3Place): S3Address {
  const url = URL.parse(endpoint);
  const isSafe = url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url)));
  if (!isSafe || url.username !== '' || url.search !== '' || url.hash !== '') {
    throw publishError(
      'PUBLISH_PLACE',
      `expected an https address without user or query, found ${JSON.stringify(endpoint)}`,
    );
  }
  if (!BUCKET.test(bucket) || bucket.includes('..')) {
    throw publishError('PUBLISH_PLACE', `expected the name of a bucket, found ${JSON.stringify(bucket)}`);
  }
  if (!PREFIX.test(folder)) {
    throw publishError('PUBLISH_PLACE', `expected a prefix of plain steps, found ${JSON.stringify(folder)}`);
  }
  const root = `${url.href.replace(/\/+$/, '')}/${bucket}`;
  const prefix = folder === '' ? '' : `${folder}/`;
  return { bucket: new URL(root), prefix, base: new URL(`${root}/${prefix}`) };
}
