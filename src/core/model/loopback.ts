/** True for 127.0.0.0/8, ::1 and localhost, with or without the brackets that a URL has. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(host);
}
