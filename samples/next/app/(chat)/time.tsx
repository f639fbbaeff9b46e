import { useSyncExternalStore } from 'react';

const never = () => () => {};
const format = (value: string, timeZone?: string) =>
  new Date(value).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short', ...(timeZone && { timeZone }) });

/** A time in the time zone of the browser. The server, which does not know it, renders UTC. */
export function Time({ value }: { value: string }) {
  return <time dateTime={value}>{useSyncExternalStore(never, () => format(value), () => `${format(value, 'UTC')} UTC`)}</time>;
}
