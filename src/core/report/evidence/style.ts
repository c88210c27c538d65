import { Html } from './html.ts';

/** For screens, dark ones too, and for paper. */
export const PAGE_STYLE = new Html(`
:root { color-scheme: light dark; --line: light-dark(#d6dae0, #3a3f47); --soft: light-dark(#f5f6f8, #22262c);
  --text: light-dark(#1b1f24, #e6e8eb); --dim: light-dark(#59636e, #9aa4af); --good: light-dark(#116329, #5fd07f);
  --bad: light-dark(#a40e26, #ff7b88); --paper: light-dark(#ffffff, #16191d); }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--paper); margin: 0 auto; max-width: 76rem; padding: 2rem 1.5rem 4rem; }
h1 { font-size: 1.7rem; margin: 0 0 .4rem; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2.6rem 0 .6rem; padding-top: .8rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
p { margin: .4rem 0; max-width: 70ch; }
.facts { color: var(--dim); margin: 0; }
.verdict { margin-top: 1rem; padding: .6rem .9rem; border-left: 4px solid; background: var(--soft); max-width: none; }
.good, .held, .impossible { color: var(--good); }
.bad, .broken { color: var(--bad); font-weight: 600; }
.waived, .elsewhere, .at-change, .none { color: var(--dim); }
.figures { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1.4rem 0 0; }
.figures div { background: var(--soft); border-radius: 6px; padding: .6rem 1rem; min-width: 6.5rem; }
.figures dt { color: var(--dim); font-size: .85rem; }
.figures dd { margin: 0; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .87rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .7rem .35rem 0; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
time { white-space: nowrap; font-variant-numeric: tabular-nums; }
td ul { overflow-wrap: anywhere; min-width: 22rem; }
summary { cursor: pointer; }
th { color: var(--dim); font-weight: 600; white-space: nowrap; overflow-wrap: normal; }
ul { margin: 0; padding-left: 1.1rem; }
code, pre { font: .86em ui-monospace, monospace; overflow-wrap: anywhere; }
pre { background: var(--soft); padding: .8rem; white-space: pre-wrap; }
@media print { body { max-width: none; padding: 0; font-size: 11px; } h2 { break-after: avoid; } tr { break-inside: avoid; } .scroll { overflow: visible; }
  details::details-content { content-visibility: visible; block-size: auto; } summary { list-style: none; } }
`);
