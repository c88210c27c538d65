import { finding } from '../../model/index.ts';
import type { SharedRule } from '../rule.ts';

export const i26StoreIsPublished: SharedRule = {
  code: 'ISO_I26_STORE_IS_PUBLISHED',
  needs: 'shared',
  decide: ({ fleet, placeOf }) => {
    const { store, publisher } = fleet.spec;
    // Published elsewhere than in a folder: no folder of the controller's machine is.
    if (publisher.path === undefined) return [];
    const [inner, outer] = [stepsOf(store.path), stepsOf(publisher.path)];
    const isNested =
      outer.every((step, index) => inner[index] === step) || inner.every((step, index) => outer[index] === step);
    if (!isNested) return [];
    return [
      finding('ISO_I26_STORE_IS_PUBLISHED', {
        place: placeOf('/spec/publisher/path'),
        message: 'the store of all orgs and the published files lie in one another',
        expected: 'two paths, neither above the other',
        found: `${store.path} and ${publisher.path}`,
        related: [placeOf('/spec/store/path')],
      }),
    ];
  },
};

function stepsOf(path: string): readonly string[] {
  const steps: string[] = path.startsWith('/') ? ['/'] : [];
  for (const step of path.split('/')) {
    if (step === '..' && steps.length > 0 && steps.at(-1) !== '..') steps.pop();
    else if (step !== '' && step !== '.') steps.push(step);
  }
  return steps;
}
