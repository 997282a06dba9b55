import { useTitle } from "../parts/Frame.tsx";

export function BulkOperation({ id }: { id: string }) {
  useTitle("BulkOperation");
  return <h1>{id}</h1>;
}
