import { useId, useState } from "react";
import { query } from "../api/client.ts";
import type { CommandAnswer } from "../api/command.ts";
import type { FieldError, VersionList, WorkflowAnswer } from "../api/query.ts";
import { never, useAnswer } from "../api/useAnswer.ts";
import { moment } from "../core/format.ts";
import { SchemaForm } from "../forms/SchemaForm.tsx";
import { unfinished } from "../forms/value.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { Shown } from "../parts/Problem.tsx";
import { navigate, to } from "../route.ts";
import { ActionForm } from "./ActionForm.tsx";
import { useCommand } from "./useCommand.ts";

/** Start a run of a workflow: its inputs by the version's schema, at once or for later. */
export function StartRunDialog({ workflow, onClose }: { workflow: string; onClose: () => void }) {
  const commanding = useCommand();
  const [version, setVersion] = useState<number>();
  const [start, setStart] = useState(true);
  const [inputs, setInputs] = useState<unknown>();
  const [text, setText] = useState("");
  const name = encodeURIComponent(workflow);
  const shown = useAnswer<WorkflowAnswer>(`/workflows/${name}${query({ version })}`, { relevant: never });
  const versions = useAnswer<VersionList>(`/workflows/${name}/versions?limit=50`, { relevant: never });
  const schema = shown.data?.definition.input_schema ?? null;
  const typed = schema === null ? parsed(text) : { value: inputs };
  const [missing, setMissing] = useState<FieldError[]>();

  async function submit() {
    if (!shown.data || !("value" in typed)) return;
    const open = unfinished(inputs, "#/inputs");
    setMissing(open.length > 0 ? open : undefined);
    if (schema !== null && open.length > 0) return;
    const body = { workflow, version: shown.data.version, start, ...(typed.value !== undefined && { inputs: typed.value }) };
    const answer = await commanding.run<CommandAnswer>("/runs", body);
    if (!answer) return;
    onClose();
    navigate(to.run(answer.workflow, answer.number));
  }

  return (
    <Dialog title={`Start a run of ${workflow}`} onClose={onClose} wide={schema !== null}>
      <ActionForm verb={start ? "Start the run" : "Create the run"} commanding={commanding} onSubmit={() => void submit()} onClose={onClose}
        disabled={!shown.data || !("value" in typed)}
        consequence={start ? "Its first steps are queued at once." : "It is created, and waits until somebody starts it."}>
        <Shown of={shown}>
          {(data) => (
            <>
              <Version versions={versions.data} chosen={data.version} newest={data.newest_version} onChange={setVersion} />
              {schema === null ? (
                <Inputs text={text} onChange={setText} wrong={"wrong" in typed ? typed.wrong : undefined} />
              ) : (
                <fieldset className="start-inputs">
                  <legend>Inputs</legend>
                  <SchemaForm schema={schema} value={inputs} onChange={setInputs} prefix="#/inputs" errors={missing ?? commanding.problem?.errors} />
                </fieldset>
              )}
            </>
          )}
        </Shown>
        <label className="check">
          <input type="checkbox" checked={start} onChange={(event) => setStart(event.target.checked)} />
          Start it at once
        </label>
      </ActionForm>
    </Dialog>
  );
}

function Version(props: { versions: VersionList | undefined; chosen: number; newest: number; onChange: (version: number) => void }) {
  const id = useId();
  const { chosen, newest } = props;
  const listed = props.versions?.items ?? [];
  if (newest === 1) return null;
  return (
    <div className="field">
      <label htmlFor={id}>Version</label>
      <select id={id} value={chosen} onChange={(event) => props.onChange(Number(event.target.value))}>
        {!listed.some((one) => one.version === chosen) && <option value={chosen}>{chosen}</option>}
        {listed.map((one) => (
          <option key={one.version} value={one.version}>
            {one.version}{one.version === newest ? ", the newest" : ""} (registered {moment(one.registered_at)} by {one.registered_by})
          </option>
        ))}
      </select>
    </div>
  );
}

/** Of a workflow that does not say what its inputs look like: any JSON, or nothing. */
function Inputs(props: { text: string; onChange: (text: string) => void; wrong: string | undefined }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>Inputs (JSON)</label>
      <textarea id={id} rows={4} className="mono" spellCheck={false} placeholder="{}" value={props.text} aria-invalid={props.wrong !== undefined}
        aria-describedby={`${id}-hint`} onChange={(event) => props.onChange(event.target.value)} />
      <p id={`${id}-hint`} className="hint">{props.wrong ?? "The workflow says nothing of its inputs. Leave it empty for none."}</p>
    </div>
  );
}

function parsed(text: string): { value: unknown } | { wrong: string } {
  if (!text.trim()) return { value: undefined };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { wrong: `This is not JSON yet: ${error instanceof Error ? error.message : String(error)}` };
  }
}
