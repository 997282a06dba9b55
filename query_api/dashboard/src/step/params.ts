/** What the panel of a step keeps in the address, beside `step` itself. */

import type { Changes } from "../route.ts";

/** Changes that forget what was chosen for another step: `setParams({ step, ...afresh })`. */
export const afresh: Changes = { show: null, attempt: null, find: null, only: null, level: null, stream: null };
