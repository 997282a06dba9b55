import { useTitle } from "../parts/Frame.tsx";

export function Workflows() {
  useTitle("Workflows");
  return <h1>Workflows</h1>;
}
