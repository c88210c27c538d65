import type { Finding } from '../../model/index.ts';
import type { DesiredRule } from '../rule.ts';
import { NO_SETTINGS } from '../settings.ts';

export const i30RegionOutside: DesiredRule = {
  code: 'ISO_I30_REGION_OUTSIDE',
  needs: 'desired',
  decide: (org) => {
    const { hosts } = org.fleet ?? NO_SETTINGS;
    const allowed = org.all('Organization')[0]?.document.spec.regions;
    return org.all('Gateway').flatMap((object): readonly Finding[] => {
      const { host, region, upstreams } = object.document.spec;
      const said = (pointer: string, what: string, expected: string, found: string): Finding =>
        org.report('ISO_I30_REGION_OUTSIDE', { object, pointer }, { message: what, expected, found });
      const there = hosts.get(host);
      const hops = [
        { pointer: '/spec/region', name: `gateway ${object.id.name}`, at: region },
        ...upstreams.map((upstream, index) => ({
          pointer: `/spec/upstreams/${index}/region`,
          name: `upstream ${upstream.id} of gateway ${object.id.name}`,
          at: upstream.region,
        })),
      ];
      return [
        ...(allowed === undefined ? [] : hops.filter(({ at }) => !allowed.includes(at))).map(({ pointer, name, at }) =>
          said(pointer, `${name} is in ${at}, where data of org ${org.org} may not be`, allowed?.join(', ') ?? '', at),
        ),
        ...(there === undefined || there === region
          ? []
          : [
              said(
                '/spec/host',
                `machine ${host} stands in ${there}, not in ${region}`,
                `a machine in ${region}`,
                there,
              ),
            ]),
      ];
    });
  },
};
