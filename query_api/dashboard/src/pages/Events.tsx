import { useTitle } from "../parts/Frame.tsx";

export function Events() {
  useTitle("Events");
  return <h1>Events</h1>;
}
