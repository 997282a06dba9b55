import { useTitle } from "../parts/Frame.tsx";

export function Review({ workflow, number, step }: { workflow: string; number: number; step: string }) {
  useTitle("Review");
  return <h1>{`${workflow}#${number} ${step}`}</h1>;
}
