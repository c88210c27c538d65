import type { Signing } from './context.ts';

type Place = Pick<Signing, 'publisher' | 'org'>;

/** What lies at the path; undefined where nothing does. What is too long to be one of ours is not read, and says nothing. */
export async function presentAt({ publisher, org }: Place, path: string): Promise<Uint8Array | 'overlong' | undefined> {
  try {
    return await publisher.get(org, path);
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'PUBLISH_OVERLONG') return 'overlong';
    throw error;
  }
}

/** True where something lies at the path, whatever it is. */
export async function isTaken(place: Place, path: string): Promise<boolean> {
  return (await presentAt(place, path)) !== undefined;
}
