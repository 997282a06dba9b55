import { useTitle } from "../parts/Frame.tsx";

export function Event({ position }: { position: number }) {
  useTitle("Event");
  return <h1>{position}</h1>;
}
