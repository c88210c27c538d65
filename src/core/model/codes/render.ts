import type { CodeTable } from './entry.ts';

export const renderCodes = {
  TEMPLATE_SCHEMA: {
    severity: 'high',
    title: "The template's input schema uses something that input schemas do not have",
    explain:
      'Every path of a template is typed against its input schema before any org exists, so the schema must be closed and simple: a type for every value, objects with additionalProperties false (or one schema for all values), local references only, and patterns that a linear-time engine runs.',
    fix: 'Write the schema with the keywords that docs/templates.md lists.',
  },
  TEMPLATE_BODY: {
    severity: 'high',
    title: 'A template body is not a list of manifests of its kind',
    explain:
      'A template has at most one body for each generated kind, named after the folder of that kind; its root holds `manifests`, a list, and every entry states the kind of the file.',
    fix: 'Give the file the shape that docs/templates.md shows.',
  },
  TEMPLATE_DIRECTIVE: {
    severity: 'high',
    title: 'A directive of a template is unknown or incomplete',
    explain:
      'Structure comes from the keys $each, $as, $if, $items, $merge and $value alone, and keys are never expressions: a value of an org can then never become structure.',
    fix: 'Correct the directive; docs/templates.md lists them with what they take.',
  },
  TEMPLATE_SYNTAX: {
    severity: 'high',
    title: 'An expression of a template uses syntax that templates do not have',
    explain:
      'Leaves know text, {{path}}, {{helper path "literal"}}, {{#if path}} and {{#unless path}} with {{else}}. Everything else of Handlebars (partials, #each, #with, ../, @data, this, sub-expressions, raw blocks, whitespace control) is refused, because it cannot be checked before rendering.',
    fix: 'Write the expression with what templates have, or move structure to directives.',
  },
  TEMPLATE_UNKNOWN_PATH: {
    severity: 'high',
    title: 'A path of a template names something that does not exist',
    explain:
      'Paths start at org, inputs or a name that $as gives, and every further step must be declared in the input schema. A misspelt path would otherwise render as nothing for every org.',
    fix: 'Correct the path, or declare the input in template.yaml.',
  },
  TEMPLATE_OPTIONAL_UNGUARDED: {
    severity: 'high',
    title: 'A template uses a value that an org may leave out',
    explain:
      'An input that is neither required nor has a default may be missing, and nothing is rendered in its place.',
    fix: 'Put $if or {{#if}} around it, use {{default path "value"}}, or give the input a default in template.yaml.',
  },
  TEMPLATE_TYPE: {
    severity: 'high',
    title: 'A value of a template is used as something that it is not',
    explain:
      'Text takes strings, numbers and booleans; $each takes a list, $merge a map; a condition takes a boolean or something optional, since a condition on a required value is always true.',
    fix: 'Use a value of the type that is expected there.',
  },
  TEMPLATE_MIGRATION: {
    severity: 'high',
    title: 'A migration of a template names an input that is not there',
    explain:
      'A move takes an input of the version before to one of this version, and a default sets one of this version. A pointer that neither input schema knows would move nothing, for any org, and nobody would notice.',
    fix: 'Correct the pointer, or declare the input in template.yaml.',
  },
  TEMPLATE_STARTER: {
    severity: 'high',
    title: 'The starter of a template says what its own inputs refuse',
    explain:
      'A starter is what `tenantry org add` begins an org with. One that was copied from a version with other inputs lets no org begin, and nobody would notice before a customer comes.',
    fix: 'Change the starter in template.yaml so that it fits spec.inputs.',
  },
  TEMPLATE_STARTER_LACKS: {
    severity: 'info',
    title: 'The starter of a template lacks an input that every org needs',
    explain:
      'That may be meant: `tenantry org add` then asks for it with --set. Where the input is new in this version, the starter was probably forgotten.',
    fix: 'Add the input to the starter in template.yaml, or give it with --set at each `tenantry org add`.',
  },
  TEMPLATE_FLOOR: {
    severity: 'high',
    title: 'A floor of a template cannot be checked',
    explain:
      'A floor names a field that the kind has, and its value must fit its rule: a number, an amount or an instant for min and max, and any value for contains and locked.',
    fix: 'Correct path, rule or value of the floor.',
  },
  TEMPLATE_PIN: {
    severity: 'high',
    title: 'An org is rendered with a template that it is not pinned to',
    explain:
      'The pin in org.yaml decides which template version makes the manifests; anything else would be a silent upgrade.',
    fix: 'Render with the template that spec.template names.',
  },
  INPUT_INVALID: {
    severity: 'high',
    title: 'The inputs of an org are not what its template asks for',
    explain: 'Inputs are checked against the input schema of the pinned template version before anything is rendered.',
    fix: 'Correct the input in org.yaml.',
  },
  MERGE_COLLISION: {
    severity: 'high',
    title: 'An input brings a key that the template sets itself',
    explain: '$merge adds the keys of a map from the inputs; it never replaces a key that the template writes.',
    fix: 'Take the key out of the input, or let the template leave it to the input.',
  },
  RENDERED_INVALID: {
    severity: 'high',
    title: 'A generated manifest does not have the shape of its kind',
    explain:
      'What a template and its overlays make is checked like a manifest that a person wrote. The place is the input or the patch that the value comes from, else the line of the template.',
    fix: 'Correct the value where it comes from.',
  },
  RENDERED_IDENTITY: {
    severity: 'critical',
    title: 'A manifest claims another org, or a version that is not its own',
    explain:
      'A directory under orgs/ is a wall: what is rendered for an org carries its name and the version of its template, and nothing of another org gets in.',
    fix: 'Leave metadata.org and pack.version to the renderer, or state the right ones.',
  },
  CUSTOM_KIND: {
    severity: 'high',
    title: 'A manifest under custom/ is of a kind that does not belong there',
    explain:
      'custom/ is for kinds that templates generate. Waivers, pins, overlays and credentials have folders of their own, with owners of their own.',
    fix: 'Move the file to the folder of its kind.',
  },
  DUPLICATE_OBJECT: {
    severity: 'high',
    title: 'Two manifests of an org are the same object',
    explain:
      'An object is identified by kind, environment and name. A hand-written manifest never replaces a generated one: that is what overlays are for.',
    fix: 'Give one of them another name, or use an overlay to change the generated one.',
  },
  OVERLAY_STALE: {
    severity: 'high',
    title: 'An overlay no longer fits what the template generates',
    explain:
      'A patch states with `was` what its author saw. When the generated manifest says something else, or is gone, the patch may no longer mean what it meant, so it is not applied. An org that is retired has no token and no gateway that a patch could be for.',
    fix: 'Look at the generated manifest and write the patch for what it says now, or delete the patch.',
  },
  OVERLAY_FORBIDDEN: {
    severity: 'high',
    title: 'An overlay changes what overlays may not change',
    explain:
      'Overlays change spec and metadata.labels. What an object is, and the version of its pack, come from the template.',
    fix: 'Delete the patch; write a manifest under custom/ for an object of another identity.',
  },
  OVERLAY_FLOOR: {
    severity: 'high',
    title: 'An overlay changes a field that the template locks',
    explain: 'A locked floor keeps a field as the template generates it, for every org that is pinned to it.',
    fix: 'Delete the patch, or ask the platform team for a template version without the lock.',
  },
  FLOOR_LOOSENED: {
    severity: 'high',
    title: 'A manifest is looser than its template allows',
    explain:
      'Floors bound what inputs, overlays and custom manifests may do: a maximum may be lowered, a minimum raised, a list that must contain something may grow. The other way needs another template version.',
    fix: 'Stay within the bound that the template states.',
  },
} as const satisfies CodeTable;
