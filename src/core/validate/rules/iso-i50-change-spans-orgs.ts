import { type Finding, finding, startOf } from '../../model/index.ts';
import type { ChangedOrg } from '../change.ts';
import type { ChangeRule } from '../rule.ts';

/** What all orgs share; the code and the checks are the business of I-53. */
const SHARED = /^(?:fleet\.yaml$|prices\/|templates\/)/;

export const i50ChangeSpansOrgs: ChangeRule = {
  code: 'ISO_I50_CHANGE_SPANS_ORGS',
  needs: 'change',
  decide: ({ files, orgs }) => {
    const edited = orgs.filter(({ written, isOnlyPinned }) => written.length > 0 && !isOnlyPinned);
    // An org that goes leaves its entry in fleet.yaml (I-55): that is one change.
    const isGoing = edited.every(({ uidAfter }) => uidAfter === null);
    const shared = isGoing ? undefined : files.find(({ path }) => SHARED.test(path));
    if (edited.length === 0 || (edited.length === 1 && shared === undefined)) return [];
    const beside = [
      ...edited.slice(0, 4).map(({ org }) => `org ${org}`),
      ...(edited.length > 4 ? [`${edited.length - 4} more orgs`] : []),
      ...(shared === undefined ? [] : [shared.path]),
    ];
    return edited.map((item) => said(item, edited, beside));
  },
};

function said(item: ChangedOrg, edited: readonly ChangedOrg[], beside: readonly string[]): Finding {
  const [first] = item.written;
  const others = edited.filter((other) => other !== item).slice(0, 5);
  return finding('ISO_I50_CHANGE_SPANS_ORGS', {
    org: item.org,
    object: `Organization/${item.org}`,
    place: first === undefined ? item.uidPlace : startOf(first),
    message: `one change touches ${beside.join(', ')}`,
    expected: 'a change of one customer, or of what all share, or of template pins alone',
    found: `${item.written.length} files of org ${item.org} and others`,
    related: others.flatMap(({ written: [path] }) => (path === undefined ? [] : [startOf(path)])),
  });
}
