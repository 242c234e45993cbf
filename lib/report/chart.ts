/**
 * Bars in plain SVG, drawn when the page is made.
 *
 * @module
 */

import { type Markup, markup } from "./html.ts";

/** One part of a bar. */
export interface BarPart {
  /** The number of its colour, from 0: `k0`, `k1` … in the style sheet. */
  readonly colour: number;
  /** Its length in the chart's unit. */
  readonly value: number;
}

/** The length of a bar that is full, in the units of the drawing. */
const FULL = 1000;

/**
 * One bar. It says nothing that the numbers beside it do not say, so it is hidden from readers of
 * the screen.
 *
 * @param parts Its parts, from the left.
 * @param full The value at which the bar is as long as it can be.
 */
export function bar(parts: readonly BarPart[], full: number): Markup {
  let x = 0;
  const rects = parts.filter(({ value }) => value > 0).map(({ colour, value }) => {
    const width = Math.min(FULL - x, Math.max(4, Math.round(value / Math.max(full, 1) * FULL)));
    const rect = markup`
      <rect class="k${colour % 6}" x="${x}" width="${width}" height="10" />
    `;
    x += width;
    return rect;
  });
  return markup`
    <svg class="bar" viewBox="0 0 ${FULL} 10" preserveAspectRatio="none" aria-hidden="true"
      focusable="false">${rects}</svg>
  `;
}

/**
 * What the colours mean.
 *
 * @param names The names of the colours, from number 0.
 */
export function legend(names: readonly string[]): Markup {
  return markup`<p class="legend">${
    names.map((name, at) =>
      markup`
        <span><svg viewBox="0 0 10 10" aria-hidden="true" focusable="false"><rect class="k${
        at %
        6
      }" width="10" height="10"/></svg> ${name}</span>
      `
    )
  }</p>`;
}
