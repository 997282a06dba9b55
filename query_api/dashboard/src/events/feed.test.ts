import { describe, expect, test } from "vitest";
import { begun, extended, heard, MOST_HELD, MOST_SHOWN, revealed, type Feed } from "./feed.ts";
import { events, page } from "./samples.ts";

const places = (feed: Feed) => feed.shown.map((one) => one.position);
const heldPlaces = (feed: Feed) => feed.held.map((one) => one.position);
const FIRST = begun(page(events(9, 7, 4), 4, 9));

describe("what arrives", () => {
  test("is on top of a list that follows", () => {
    expect(places(heard(FIRST, events(10, 12), true))).toEqual([12, 10, 9, 7, 4]);
  });

  test("is shown once, though the stream sends it again", () => {
    const once = heard(FIRST, events(9, 10), true);
    expect(places(heard(once, events(10, 11), true))).toEqual([11, 10, 9, 7, 4]);
  });

  test("is no double of what the page read after its position was", () => {
    const ahead = begun(page(events(12, 9), null, 9));
    expect(places(heard(ahead, events(11, 12, 13), true))).toEqual([13, 12, 9]);
  });

  test("waits while the list does not follow, and then is shown in order", () => {
    const waiting = heard(heard(FIRST, events(10), false), events(10, 11, 13), false);
    expect(places(waiting)).toEqual([9, 7, 4]);
    expect(heldPlaces(waiting)).toEqual([13, 11, 10]);
    expect(places(revealed(waiting))).toEqual([13, 11, 10, 9, 7, 4]);
    expect(heldPlaces(revealed(waiting))).toEqual([]);
  });

  test("takes what waited along when the list follows again", () => {
    const waiting = heard(FIRST, events(10), false);
    expect(places(heard(waiting, events(11), true))).toEqual([11, 10, 9, 7, 4]);
    expect(places(heard(waiting, [], true))).toEqual([10, 9, 7, 4]);
  });

  test("is not kept without bound", () => {
    const many = Array.from({ length: MOST_HELD + 1 }, (_, index) => 10 + index);
    const full = heard(FIRST, events(...many), false);
    expect(full.overflowed).toBe(true);
    // Nothing is put on top of a gap.
    expect(places(heard(full, events(50_000), true))).toEqual([9, 7, 4]);
  });
});

describe("older ones", () => {
  test("stand below, and lead on", () => {
    const more = extended(FIRST, page(events(3, 1), null, 9), 4);
    expect(places(more)).toEqual([9, 7, 4, 3, 1]);
    expect(more.next).toBeNull();
  });

  test("that come twice or late change nothing", () => {
    const more = extended(FIRST, page(events(3, 1), null, 9), 4);
    expect(extended(more, page(events(3, 1), null, 9), 4)).toBe(more);
  });

  test("are fetched again after a long tail has pushed them out", () => {
    let feed = FIRST;
    for (let at = 10; at < MOST_SHOWN + 1000; at += 1000)
      feed = heard(feed, events(...Array.from({ length: 1000 }, (_, index) => at + index)), true);
    expect(feed.shown).toHaveLength(MOST_SHOWN);
    expect(feed.next).toBe(feed.shown.at(-1)?.position);
    const before = feed.next ?? 0;
    const all = places(extended(feed, page(events(before - 1, before - 2), null, 9), before));
    expect(all.every((place, index) => index === 0 || place === (all[index - 1] ?? 0) - 1)).toBe(true);
  });
});
