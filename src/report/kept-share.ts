/** P10: only what the filter keeps comes into batches; of what expired unread nobody knows. */
export function keptShare(records: {
  readonly succeeded: number;
  readonly discarded: number;
  readonly filtered: number;
}): number {
  const kept = records.succeeded + records.discarded;
  return records.filtered === 0 ? 1 : kept / (kept + records.filtered);
}
