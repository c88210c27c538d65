import type { CodeTable } from './entry.ts';

/** What `events verify` finds, and what `wallet` and `token receipt` refuse. */
export const moneyCodes = {
  EVENT_LINE_CHANGED: {
    severity: 'critical',
    title: 'A stored event is not the one that came',
    explain:
      'The hash of the stored text is not the hash that was kept beside it, or the text is no line of a journal. Somebody or something changed it after it was received.',
    fix: 'Compare the line with the journal on the gateway, or with a backup of the store.',
  },
  EVENT_DELIVERY_REFUSED: {
    severity: 'critical',
    title: 'Evidence of a gateway was refused and is not here',
    explain:
      'A delivery that was signed with the key of the gateway was refused, because its sequence was used or its lines do not follow the stored ones, and the lines that it brought were never taken. Two programs run with one identity (a copied state folder, a snapshot of a machine, a restored backup), or rows are gone from the store: what one of them did is in its journal alone.',
    fix: 'Find the other program and keep its journal; then enrol the gateway again, which ends both identities.',
  },
  EVENT_MISSHAPEN: {
    severity: 'critical',
    title: 'A stored event is not of its shape',
    explain:
      'The line is the one that came, and what it says is no event as gateways write them: a field is missing, is none of the type, or has another type. Evidence is never refused for its content, so it is kept; what can be read of it is judged and booked.',
    fix: 'Look at the line with `tenantry events export`, and at the program that runs as the gateway: it is another version, or something else.',
  },
  EVENT_LINES_MISSING: {
    severity: 'critical',
    title: 'Stored events are missing',
    explain:
      'The lines of a journal are numbered from 1 without a gap, and the store takes none that does not follow. A gap means that rows were deleted from the store. So does a journal that ends before the line that the store keeps as its last.',
    fix: 'Bring the lines back from the journal on the gateway or from a backup of the store.',
  },
  EVENT_DECISION_TWICE: {
    severity: 'critical',
    title: 'A request has more than one decision',
    explain:
      'Each request ends with one decision, whatever happens to the gateway. Two mean that its cost may be booked twice, or that a line was forged.',
    fix: 'Look at both lines with `tenantry events export`, and correct the wallet with `tenantry wallet adjust`.',
  },
  EVENT_DECISION_MISSING: {
    severity: 'high',
    title: 'A request went out and its decision never came',
    explain:
      'An intent is written before the first byte leaves, and a decision when the request ends or, after a crash, at the next start. The gateway began another journal before it wrote this decision, so nothing more comes: its disk was lost, or it was enrolled anew.',
    fix: 'Look for the old journal of the gateway. Without it, take the request as spent.',
  },
  EVENT_INTENT_MISSING: {
    severity: 'critical',
    title: 'A request went out more often than its intents say',
    explain:
      'A decision says how often its request went out to a provider or a tool server, and an intent is durable before each of these. One that says more, or that was paid for or reports tokens without any intent, means that the gateway sends before it writes, or that a line was forged.',
    fix: 'Look at the lines of the request with `tenantry events export`, and at the program that runs as the gateway.',
  },
  EVENT_ESCALATION_BYPASSED: {
    severity: 'critical',
    title: 'A request went out that a person had not approved',
    explain:
      'A request that a person decides about goes to a provider only after its escalation ended as approved. An intent before that, or after another end, means that the gateway did not hold it, or that a line was forged.',
    fix: 'Look at the lines of the request with `tenantry events export`, and at the program that runs as the gateway.',
  },
  EVENT_ESCALATION_UNASKED: {
    severity: 'critical',
    title: 'An escalation ended that was not asked, or ended twice',
    explain:
      'Each escalation is told once before it waits, and its end once. Another end means that a line was forged, or that lines are missing.',
    fix: 'Look at the lines of the escalation with `tenantry events export`.',
  },
  EVENT_ESCALATION_CONTRADICTED: {
    severity: 'critical',
    title: 'A gateway says another answer than people gave',
    explain:
      'A gateway writes how an escalation ended, and the control plane keeps its own log of what reviewers, or the rule for what nobody answers, said of it. Where the gateway says approved or denied, that log has to say the same, about a question of that gateway. What a gateway ends by itself (expired, lost) contradicts nobody.',
    fix: 'Compare the log (`tenantry escalations show`) with the lines of the escalation (`tenantry events export`), and look at the program that runs as the gateway.',
  },
  EVENT_LEDGER_DIFFERS: {
    severity: 'critical',
    title: 'The ledger is not what the decisions say',
    explain:
      'What decisions settled of a wallet is booked in the same transaction as the lines themselves, once. Another sum means that a settlement was refused (the log of the controller says so), or that rows were changed.',
    fix: 'Look for the refusal in the log, then correct the wallet with `tenantry wallet adjust --credit` or `--charge`.',
  },
  WALLET_UNKNOWN: {
    severity: 'high',
    title: 'The org has no such wallet',
    explain: 'Money is booked on a wallet that is applied, or on one that is gone in which something was booked.',
    fix: 'Look at `tenantry wallet show --org <org>`.',
  },
  WALLET_PERIOD_UNKNOWN: {
    severity: 'high',
    title: 'Nothing was booked in this period and currency of the wallet',
    explain:
      'An adjustment goes into the running period, or into an earlier one in which something was booked, in the currency that the wallet has now or in one of before. A wallet that is gone has no running period. A period that never was would be a balance that nobody looks at.',
    fix: 'Name one of the periods in the message by --period, and its currency by --currency where the wallet has another one now.',
  },
  WALLET_ADJUST_TOO_MUCH: {
    severity: 'high',
    title: 'More than there is cannot be taken back',
    explain: 'A credit gives back what was spent and a take-back what was topped up; neither balance can fall below 0.',
    fix: 'Adjust by at most what the message says.',
  },
  WALLET_ADJUST_CONFLICT: {
    severity: 'high',
    title: 'The id of the adjustment is booked with other content',
    explain:
      'An id is booked once, so that a command that is run again books nothing twice. Another amount or wallet under the same id is a mistake.',
    fix: 'Give the new adjustment an --id of its own.',
  },
} as const satisfies CodeTable;
