import { useState } from "react";
import { ActionForm, TextField } from "../actions/ActionForm.tsx";
import { useCommand } from "../actions/useCommand.ts";
import type { BulkAnswer } from "../api/command.ts";
import { Dialog } from "../parts/Dialog.tsx";

/** Stop an operation: what is done stays done, the rest is left as it is. */
export function StopDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const commanding = useCommand();
  const [reason, setReason] = useState("");
  async function submit() {
    if (await commanding.run<BulkAnswer>(`/bulk/${id}/stop`, { reason })) onClose();
  }
  return (
    <Dialog title="Stop the operation?" onClose={onClose}>
      <ActionForm verb="Stop it" danger commanding={commanding} onClose={onClose} onSubmit={() => void submit()}
        consequence="What is done stays done; at most 100 more items follow. The rest is left as it is, for good: to go on, start another operation.">
        <TextField label="Reason" value={reason} onChange={setReason} autoFocus hint="Goes on record with the stop." />
      </ActionForm>
    </Dialog>
  );
}
