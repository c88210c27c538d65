// Credentials by their shape. Each pattern starts where a run of its characters starts, so no text makes it slow.

const JWT = /(?<![\w-])eyJ[\w-]{5,}\.eyJ[\w-]{3,}\.[\w-]*/;
const AWS_ACCESS_KEY = /(?<![A-Z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Z0-9])/;
const PRIVATE_KEY = /-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/;

/** A JSON web token (RFC 7519): two parts that begin with `{"` in base64url, and a signature or none. */
export const hasJwt = (text: string): boolean => text.includes('eyJ') && JWT.test(text);

/** The id of an access key of AWS, permanent or temporary. */
export const hasAwsAccessKey = (text: string): boolean => AWS_ACCESS_KEY.test(text);

/** The first line of a private key in PEM or OpenPGP armour. */
export const hasPrivateKey = (text: string): boolean => text.includes('PRIVATE KEY') && PRIVATE_KEY.test(text);
