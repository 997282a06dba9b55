/** How times, durations and numbers are written for people. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `0.42 s`, `12 s`, `3 min 20 s`, `2 h 05 min`, `3 d 4 h`. Empty for nothing. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "";
  if (seconds < 0.0005) return "0 s";
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 10) return `${(Math.floor(seconds * 10) / 10).toFixed(1)} s`;
  const whole = Math.floor(seconds);
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min ${pad(whole % MINUTE)} s`;
  if (whole < DAY) return `${Math.floor(whole / HOUR)} h ${pad(Math.floor((whole % HOUR) / MINUTE))} min`;
  return `${Math.floor(whole / DAY)} d ${Math.floor((whole % DAY) / HOUR)} h`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}

/** `just now`, `3 min ago`, `in 2 h`: how far a moment is from `now`, both in milliseconds. */
export function distance(at: number, now: number): string {
  const seconds = Math.round((now - at) / 1000);
  const far = Math.abs(seconds);
  if (far < 5) return seconds >= 0 ? "just now" : "in a moment";
  const words =
    far < MINUTE ? `${far} s` : far < HOUR ? `${Math.floor(far / MINUTE)} min`
    : far < DAY ? `${Math.floor(far / HOUR)} h` : `${Math.floor(far / DAY)} d`;
  return seconds >= 0 ? `${words} ago` : `in ${words}`;
}

const FULL = new Intl.DateTimeFormat("en-CA", {
  year: "numeric", month: "2-digit", day: "2-digit",
  hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});
const CLOCK = new Intl.DateTimeFormat("en-CA", {
  hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});

/** `2026-11-01 12:00:00` in the reader's time zone. */
export function moment(at: string | number): string {
  return FULL.format(new Date(at)).replace(",", "");
}

/** `12:00:00.123` in the reader's time zone. */
export function clock(at: string | number, withMillis = false): string {
  const date = new Date(at);
  const millis = withMillis ? `.${String(date.getMilliseconds()).padStart(3, "0")}` : "";
  return CLOCK.format(date) + millis;
}

const NUMBER = new Intl.NumberFormat("en");

/** `13,087` */
export function count(value: number): string {
  return NUMBER.format(value);
}

/** `1 run`, `13,087 runs` */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** `12 B`, `34 kB`, `5.1 MB` */
export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  if (value < 1_000_000) return `${Math.round(value / 1000)} kB`;
  return `${(value / 1_000_000).toFixed(1)} MB`;
}

/** `ada, grace or a member of legal`: who may, where the policy names people and groups. */
export function people(approvers: string[], groups: string[]): string {
  const all = [...approvers, ...groups.map((group) => `a member of ${group}`)];
  if (all.length === 0) return "anyone who approves";
  return all.length === 1 ? (all[0] ?? "") : `${all.slice(0, -1).join(", ")} or ${all.at(-1)}`;
}
