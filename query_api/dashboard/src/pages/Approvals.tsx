import { useTitle } from "../parts/Frame.tsx";

export function Approvals() {
  useTitle("Approvals");
  return <h1>Approvals</h1>;
}
