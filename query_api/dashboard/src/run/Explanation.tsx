import type { ReactNode } from "react";
import { moment } from "../core/format.ts";

const MOMENT = /(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC/;

interface Props {
  text: string;
  /** Where these words stand first, `shown` stands. */
  link?: { words: string; shown: ReactNode } | null;
}

/** A state in words, as the service tells it; its moments in the reader's time zone. */
export function Explanation({ text, link }: Props) {
  const place = link ? text.indexOf(link.words) : -1;
  if (link && place >= 0) {
    return (
      <>
        <Explanation text={text.slice(0, place)} />
        {link.shown}
        <Explanation text={text.slice(place + link.words.length)} />
      </>
    );
  }
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
