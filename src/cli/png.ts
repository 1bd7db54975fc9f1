import { fileURLToPath } from 'node:url';
import { Resvg } from '@resvg/resvg-js';

/** Copied beside this file by the build. */
const FONT_FILES = ['Inter-Regular.otf', 'Inter-SemiBold.otf'].map((name) =>
  fileURLToPath(new URL(`./fonts/${name}`, import.meta.url)),
);

/** An SVG chart as PNG, `scale` pixels (default 2) to one of the SVG's. No font of the machine is looked at. */
export function renderPng(svg: string, options: { readonly scale?: number } = {}): Uint8Array {
  const renderer = new Resvg(svg, {
    font: { loadSystemFonts: false, fontFiles: FONT_FILES, defaultFontFamily: 'Inter', sansSerifFamily: 'Inter' },
    fitTo: { mode: 'zoom', value: options.scale ?? 2 },
  });
  return new Uint8Array(renderer.render().asPng());
}
