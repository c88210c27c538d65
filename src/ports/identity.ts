/** A public key as a JWK set lists it; only RSA keys are of use here. */
export interface PublicJwk {
  readonly kid: string;
  readonly kty: string;
  readonly n: string;
  readonly e: string;
}

/** The keys with which an issuer of identity tokens signs now. None where it does not answer. */
export interface IdentityKeys {
  keysOf(issuer: string): Promise<readonly PublicJwk[]>;
}
