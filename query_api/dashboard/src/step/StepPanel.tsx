/** One step run beside a page: fetched by itself, its tabs in the URL. */
export function StepPanel({ runId, workflow, number, step, onClose }: StepPanelProps) {
  return (
    <section aria-label={`Step ${step}`} data-run={runId}>
      <h2>{`${workflow}#${number} ${step}`}</h2>
      {onClose && <button type="button" onClick={onClose}>Close</button>}
    </section>
  );
}

export interface StepPanelProps {
  runId: string;
  workflow: string;
  number: number;
  step: string;
  onClose?: () => void;
}
