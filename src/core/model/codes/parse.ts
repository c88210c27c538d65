import type { CodeTable } from './entry.ts';

export const parseCodes = {
  YAML_TOO_LARGE: {
    severity: 'high',
    title: 'A file is larger than a manifest may be',
    explain:
      'Bytes from outside meet a limit before a parser, so that no file can use up memory or time. A manifest is a few kilobytes; one of hundreds is a mistake or an attack.',
    fix: 'Split the file, or remove what does not belong in it.',
  },
  YAML_ENCODING: {
    severity: 'high',
    title: 'A file is not plain UTF-8',
    explain:
      'Files are UTF-8 without a byte order mark, and every text in them is well-formed Unicode. Anything else is read differently by different programs.',
    fix: 'Save the file as UTF-8 without a byte order mark, and remove halves of surrogate pairs.',
  },
  YAML_CONTROL_CHARACTER: {
    severity: 'high',
    title: 'A file holds a character that reviewers cannot see',
    explain:
      'Control characters, unusual line breaks, marks that turn the direction of text and characters that are drawn as nothing (zero-width blanks, fillers, tags, variation selectors) make a file look different from what a program reads: two terms of a policy read alike and are not the same. An escape in quoted text is refused too. They are taken where they make something that is seen: in emoji, in keycaps, and between letters of Arabic and Indian scripts, whose writing asks for joiners.',
    fix: 'Remove the character. A pattern that has to find it names it in its own words, such as \\x{200b}.',
  },
  YAML_TOO_DEEP: {
    severity: 'high',
    title: 'A file is nested too deeply',
    explain: 'Deep nesting exhausts the stack of parsers. No manifest needs more than a few levels.',
    fix: 'Write the file with fewer levels.',
  },
  YAML_SYNTAX: {
    severity: 'high',
    title: 'A file is not valid YAML',
    explain: 'The file is read as YAML 1.2 and every warning of the parser counts as an error.',
    fix: 'Correct the file at the place that is named.',
  },
  YAML_DUPLICATE_KEY: {
    severity: 'high',
    title: 'A key stands twice in one map',
    explain: 'Some programs take the first value of a double key and some the last; a reviewer sees only one of them.',
    fix: 'Remove one of the two.',
  },
  YAML_MULTIPLE_DOCUMENTS: {
    severity: 'high',
    title: 'A file holds more than one document',
    explain: 'One file is one manifest, so that its path says what is in it. What follows a second "---" could hide.',
    fix: 'Move every document to a file of its own.',
  },
  YAML_DIRECTIVE: {
    severity: 'high',
    title: 'A file begins with a YAML directive',
    explain: 'A line such as "%YAML 1.1" changes how some programs read the rest of the file, and others ignore it.',
    fix: 'Remove the line that begins with a percent sign.',
  },
  YAML_ALIAS: {
    severity: 'high',
    title: 'A file uses an anchor or an alias',
    explain:
      'With anchors and aliases a value stands in one place and works in another; nested ones grow without bound. Manifests say every value where it holds.',
    fix: 'Write the value itself in place of the alias, and remove the anchor.',
  },
  YAML_TAG: {
    severity: 'high',
    title: 'A file uses a YAML tag',
    explain: 'Tags such as "!!str" or "!include" change what a value is, and programs differ in which they know.',
    fix: 'Remove the tag; put quotes around a value that is meant as text.',
  },
  YAML_MERGE: {
    severity: 'high',
    title: 'A file uses a merge key',
    explain: 'The key "<<" merges another map in YAML 1.1 and is an ordinary key in YAML 1.2.',
    fix: 'Write the fields themselves in place of "<<".',
  },
  YAML_KEY: {
    severity: 'high',
    title: 'A key of a map is not a text',
    explain:
      'Keys that read as null, a number, a truth value or a collection become different texts in different programs, and "__proto__" changes objects in JavaScript.',
    fix: 'Put quotes around the key, or rename it.',
  },
  YAML_NUMBER: {
    severity: 'high',
    title: 'A number is not read alike by everyone',
    explain:
      'Whole numbers beyond 2^53 are rounded, .inf and .nan are no JSON, -0 loses its sign, and a leading zero means octal to YAML 1.1.',
    fix: 'Write the number without a leading zero and within bounds, or as quoted text.',
  },
  YAML_NOT_A_MAP: {
    severity: 'high',
    title: 'A file is not a map of fields',
    explain:
      'A manifest begins with fields such as apiVersion and kind. An empty file, a list or a single text is none.',
    fix: 'Write apiVersion, kind, metadata and spec.',
  },
  YAML_AMBIGUOUS: {
    severity: 'high',
    title: 'Two YAML readers do not agree about a file',
    explain:
      'Every changed file is read by two independent parsers. Where they differ, reviewers may see one meaning and the machine another, which is how a change is smuggled past a review.',
    fix: 'Write the place that is named in a plainer way: block style, and quotes around unusual texts.',
  },
  MANIFEST_VERSION: {
    severity: 'high',
    title: 'A manifest is of a version that is not known',
    explain: 'apiVersion says how to read the rest. Only tenantry/v1 exists.',
    fix: 'Write "apiVersion: tenantry/v1".',
  },
  MANIFEST_KIND: {
    severity: 'high',
    title: 'A manifest is of a kind that is not known',
    explain: 'The kind decides which fields a manifest has. An unknown kind cannot be checked, so it is not accepted.',
    fix: 'Write a kind that exists.',
  },
  FIELD_UNKNOWN: {
    severity: 'high',
    title: 'A manifest has a field that does not exist',
    explain: 'Manifests are closed: a field that nothing reads is a typing error that would be without effect.',
    fix: 'Correct the name of the field, or remove it.',
  },
  FIELD_MISSING: {
    severity: 'high',
    title: 'A manifest lacks a field',
    explain: 'The field has no default, because a guess about it could open something.',
    fix: 'Add the field.',
  },
  FIELD_VALUE: {
    severity: 'high',
    title: 'A field has a value that it cannot have',
    explain: 'The schema of the kind says what a value looks like; `tenantry explain` and the editor show it.',
    fix: 'Write a value of the expected form.',
  },
  ITEM_DUPLICATE: {
    severity: 'high',
    title: 'A list says the same thing twice',
    explain: 'Items of this list are told apart by a key. With the same key twice it is open which of them holds.',
    fix: 'Remove one of the two.',
  },
  PATH_UNKNOWN: {
    severity: 'high',
    title: 'A file lies where no manifest belongs',
    explain:
      'The path of a manifest says which object it is. A file elsewhere would be reviewed by the wrong owners or by nobody.',
    fix: 'Move the file to the path of its object, or remove it.',
  },
  PATH_DISAGREES: {
    severity: 'high',
    title: 'A manifest says that it is another object than its path does',
    explain:
      'A directory under orgs/ is a wall: who may change a file is decided by its path, so its content must not claim another org, kind, environment or name.',
    fix: 'Make the content say what the path says, or move the file.',
  },
} as const satisfies CodeTable;
