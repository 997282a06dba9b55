import type { RunAnswer } from "../api/query.ts";
import { ContentView } from "../parts/Content.tsx";

/** What the run was started with. */
export function InputsTab({ run }: { run: RunAnswer }) {
  return (
    <section aria-label="Inputs">
      <ContentView content={run.inputs} open={4} />
    </section>
  );
}
