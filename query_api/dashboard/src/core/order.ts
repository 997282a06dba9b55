/** Steps in the order in which they can run: what is needed first, else as they were written. */
export function inOrder<T extends { step: string; needs: string[] }>(steps: T[]): T[] {
  const byName = new Map(steps.map((step) => [step.step, step]));
  const placed = new Set<string>();
  const found: T[] = [];
  for (const first of steps) {
    // Without recursion: a chain may have thousands of steps.
    const stack: { step: T; next: number }[] = [{ step: first, next: 0 }];
    const opened = new Set<string>([first.step]);
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const needed = top.step.needs[top.next++];
      if (needed === undefined) {
        stack.pop();
        if (!placed.has(top.step.step)) found.push(top.step);
        placed.add(top.step.step);
        continue;
      }
      const step = byName.get(needed);
      if (step === undefined || placed.has(needed) || opened.has(needed)) continue;
      opened.add(needed);
      stack.push({ step, next: 0 });
    }
  }
  return found;
}
