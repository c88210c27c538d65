import type { CodeTable } from './entry.ts';

/** What stands in the way of moving an org to another version of its template. */
export const upgradeCodes = {
  UPGRADE_CONFLICT: {
    severity: 'critical',
    title: 'An upgrade of a template waits for a decision',
    explain:
      'The upgrade found something that no rule decides: the new template and the org changed the same field, a field or an object that an overlay changes is gone, or an input is missing. The file under conflicts/ holds both sides, what they began from, and a suggestion. The org stays at its old version until every item is decided.',
    fix: 'Write a `resolution` beside each suggestion and run `tenantry template upgrade` again, or delete the file to stay at the old version.',
  },
  UPGRADE_PATH: {
    severity: 'high',
    title: 'No migrations lead from the version of an org to the new one',
    explain:
      'Each version of a template says in `migrations.from` which version it follows. Versions are walked back from the new one; where the walk does not meet the version that the org is pinned to, nobody has said what becomes of its inputs. Going back to an older version is no upgrade either.',
    fix: 'Upgrade to a version in between first, or state `migrations` in the new version.',
  },
  UPGRADE_DIRTY: {
    severity: 'high',
    title: 'An org has uncommitted files',
    explain:
      'An upgrade rewrites files of an org, and could not be told from edits that are under way there. Conflict files are excepted, since they are where a person decides.',
    fix: 'Commit or stash the files, then upgrade.',
  },
  UPGRADE_UNEDITABLE: {
    severity: 'high',
    title: 'A file of an org cannot be edited in place',
    explain:
      'An upgrade edits the text that a person wrote, so that comments and layout stay. After each edit the file is read again, and must mean exactly what was intended; here it does not.',
    fix: 'Move the inputs that the message names by hand, together with the pin.',
  },
} as const satisfies CodeTable;
