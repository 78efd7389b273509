/** How many urgencies there are where jobs do not come and go in the same order. */
export const levels = 1_000;
