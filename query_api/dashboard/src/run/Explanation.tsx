import { moment } from "../core/format.ts";

const MOMENT = /(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC/;

/** A state in words, as the service tells it; its moments in the reader's time zone. */
export function Explanation({ text }: { text: string }) {
  return (
    <>
      {text.split(MOMENT).map((part, index) => {
        if (index % 2 === 0) return part;
        const at = `${part.replace(" ", "T")}Z`;
        return <time key={index} dateTime={at} title={`${part} UTC`}>{moment(at)}</time>;
      })}
    </>
  );
}
