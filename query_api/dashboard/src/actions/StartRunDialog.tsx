import { useState } from "react";
import type { CommandAnswer } from "../api/command.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { navigate, to } from "../route.ts";
import { ActionForm } from "./ActionForm.tsx";
import { useCommand } from "./useCommand.ts";

/** Start a run of a workflow, and go to it. */
export function StartRunDialog({ workflow, onClose }: { workflow: string; onClose: () => void }) {
  const commanding = useCommand();
  const [start, setStart] = useState(true);
  async function submit() {
    const answer = await commanding.run<CommandAnswer>("/runs", { workflow, start });
    if (!answer) return;
    onClose();
    navigate(to.run(answer.workflow, answer.number));
  }
  return (
    <Dialog title={`Start a run of ${workflow}`} onClose={onClose}>
      <ActionForm verb={start ? "Start the run" : "Create the run"} consequence="A new run of the newest version."
        commanding={commanding} onSubmit={() => void submit()} onClose={onClose}>
        <label className="check">
          <input type="checkbox" checked={start} onChange={(event) => setStart(event.target.checked)} />
          Start it at once
        </label>
      </ActionForm>
    </Dialog>
  );
}
