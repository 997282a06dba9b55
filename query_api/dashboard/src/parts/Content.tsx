import { never, useAnswer } from "../api/useAnswer.ts";
import type { Content } from "../api/query.ts";
import { bytes } from "../core/format.ts";
import { Copy } from "./Copy.tsx";
import { Shown } from "./Problem.tsx";
import { Tree } from "./Tree.tsx";

/** An output, input or subject: its value as a tree, fetched first where it lies apart. */
export function ContentView({ content, open }: { content: Content | null; open?: number }) {
  const apart = content?.digest ?? null;
  const fetched = useAnswer<object>(apart === null ? null : `/contents/${apart}`, {
    relevant: never, // what has a digest does not change
    asOfNow: true, // nor does it say anything of itself, whatever its members are called
  });
  if (content === null) return <p className="quiet-text">Nothing.</p>;
  if (apart === null) return <Value value={content.value} open={open} />;
  return (
    <>
      <p className="quiet-text">{bytes(content.size ?? 0)}, kept apart from its event</p>
      <Shown of={fetched}>{(value) => <Value value={value} open={open} />}</Shown>
    </>
  );
}

function Value({ value, open }: { value: unknown; open?: number | undefined }) {
  return (
    <div className="content">
      <Copy text={typeof value === "string" ? value : JSON.stringify(value, null, 2)} />
      <Tree value={value} {...(open === undefined ? {} : { open })} />
    </div>
  );
}
