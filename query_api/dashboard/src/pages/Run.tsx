import { useTitle } from "../parts/Frame.tsx";

export function Run({ workflow, number }: { workflow: string; number: number }) {
  useTitle("Run");
  return <h1>{`${workflow}#${number}`}</h1>;
}
