import { useTitle } from "../parts/Frame.tsx";

export function System() {
  useTitle("System");
  return <h1>System</h1>;
}
