import type { Context } from 'hono';
import { refusal } from '../flows/index.ts';
import { jsonAnswer } from './answers.ts';

/** A method and the path that it is for, in OpenAPI notation. */
interface Place {
  readonly method: 'get' | 'post';
  readonly path: string;
}

type Methods = (path: string) => readonly string[];

/** The methods that some place has at a path, by its steps alone; none where there is no such place. */
export function openMethods(places: readonly Place[]): Methods {
  const known = places.map(({ method, path }) => {
    const steps = path.split('/').map((step) => (step === '{rest}' ? '.+' : step.replace(/^\{\w+\}$/, '[^/]+')));
    return { method, shape: new RegExp(`^${steps.join('/')}$`) };
  });
  return (path) => {
    const found = new Set(known.filter(({ shape }) => shape.test(path)).map(({ method }) => method));
    // Whoever answers GET answers HEAD (RFC 9110, 9.3.2).
    return [...(found.has('get') ? ['GET', 'HEAD'] : []), ...(found.has('post') ? ['POST'] : [])];
  };
}

/**
 * Of a path that is there for other methods (RFC 9110, 15.5.6). It is told by the path's shape alone, which the OpenAPI description
 * shows to everybody, and not by whether there is such an org: of that nobody hears without its credential.
 */
export function wrongMethod(c: Context, allowed: readonly string[]): Response {
  c.header('allow', allowed.join(', '));
  const message = `expected ${allowed.join(' or ')} at this path`;
  return jsonAnswer(c, refusal(405, 'METHOD_NOT_ALLOWED', message));
}
