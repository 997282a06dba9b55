import { useTitle } from "../parts/Frame.tsx";

export function Bulk() {
  useTitle("Bulk");
  return <h1>Bulk</h1>;
}
