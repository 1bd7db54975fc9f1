/** What a colour is for: its light and its dark form. Told apart by people who see red and green alike, and in grey. */
const COLOURS = {
  background: ['#ffffff', '#14181d'],
  text: ['#1c2229', '#e9edf1'],
  muted: ['#56606b', '#a3adb8'],
  axis: ['#9aa3ad', '#5d6873'],
  grid: ['#e9ecef', '#262c33'],
  faultMark: ['#a3320b', '#ffab85'],
  faultShade: ['#f2a27f', '#b5502a'],
  timelineMark: ['#5a3d8a', '#c8b0f0'],
  timelineShade: ['#b7a3dc', '#6d55a0'],
  limit: ['#b0122a', '#ff8fa0'],
  envelope: ['#8d96a0', '#7f8994'],
  line0: ['#0072b2', '#4aa3e0'],
  line1: ['#d55e00', '#ff8c42'],
  line2: ['#009e73', '#2cc9a0'],
  line3: ['#c2619c', '#e6a0c8'],
  line4: ['#bf8500', '#f2c14e'],
  line5: ['#46a5dc', '#9bd4f5'],
  success0: ['#2f6f9f', '#3f87bd'],
  success1: ['#5896c4', '#66a8d8'],
  success2: ['#8abbdc', '#92c4e8'],
  success3: ['#b6d6ea', '#c0e0f6'],
  error0: ['#b3261e', '#d8493c'],
  error1: ['#d2564a', '#e8776b'],
  error2: ['#e48e84', '#f2a59b'],
  error3: ['#f1beb8', '#fad2cc'],
  throttle0: ['#7b3fb0', '#9d63d2'],
  throttle1: ['#9d6cc9', '#b88ae0'],
  throttle2: ['#c1a0de', '#d0b0ee'],
  throttle3: ['#dccbee', '#e8d6fa'],
  idle: ['#dde2e7', '#2c343c'],
  window: ['#6fbfb3', '#3d9d90'],
  running: ['#2e6e9e', '#3f86bc'],
  backingOff: ['#e39d00', '#f0b429'],
  throttled: ['#7a3eaf', '#9c62d1'],
  blocked: ['#b2251d', '#d7483b'],
  tick: ['#b8c0c9', '#6d7782'],
  queue: ['#9c5a2c', '#c98a58'],
  readLimit: ['#85851c', '#bcbc4a'],
  notPolling: ['#4a545f', '#98a2ad'],
  propagation: ['#ec9fc4', '#f5bcd8'],
  retry: ['#e29c00', '#efb328'],
  coldStart: ['#55c2d8', '#7fdcee'],
} as const satisfies Record<string, readonly [light: string, dark: string]>;

export type ThemeName = 'light' | 'dark';
export type ColourRole = keyof typeof COLOURS;
export type Theme = Readonly<Record<ColourRole, string>>;

export function theme(name: ThemeName): Theme {
  const side = name === 'light' ? 0 : 1;
  return Object.fromEntries(Object.entries(COLOURS).map(([role, pair]) => [role, pair[side]])) as Theme;
}

/** Each light colour to its dark one, for a page that follows its reader's preference. No light colour is used twice. */
export function darkColours(): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.values(COLOURS).map(([light, dark]) => [light, dark]));
}

/** Twelve lines: six colours solid, then the same six dashed. */
export const LINE_COLOURS = ['line0', 'line1', 'line2', 'line3', 'line4', 'line5'] as const;
