import { useTitle } from "../parts/Frame.tsx";

export function Workflow({ name }: { name: string }) {
  useTitle("Workflow");
  return <h1>{name}</h1>;
}
