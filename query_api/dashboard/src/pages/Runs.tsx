import { useTitle } from "../parts/Frame.tsx";

export function Runs() {
  useTitle("Runs");
  return <h1>Runs</h1>;
}
