/** D4: at one microsecond things happen in this order. Arrivals (after EXPIRY) and releases (after END) need no turn. */
export const RANK = {
  TIMELINE: 0,
  EXPIRY: 1,
  END: 3,
  QUEUED: 5,
  RETRY: 6,
  WINDOW: 7,
  POLL: 8,
} as const;
