/** What a piece of text means; how that looks is the edge's affair. */
export type Style = 'critical' | 'high' | 'medium' | 'info' | 'add' | 'remove' | 'change' | 'strong' | 'dim';

/** Puts colour around a text, or leaves it. */
export type Painter = (style: Style, text: string) => string;

/** Leaves every text as it is. */
export const plain: Painter = (_, text) => text;
