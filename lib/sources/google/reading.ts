/**
 * What the browser gave for a page's reading, looked at before it is believed.
 *
 * @module
 */

import type { Card, PageReading } from "./page.ts";

/**
 * Takes what the browser gave for a reading; a page can do what it likes with its own functions.
 *
 * @param value What `READ_PAGE` gave.
 * @throws {TypeError} When it is none.
 */
export function toPageReading(value: unknown): PageReading {
  const fields = toFields(value);
  return {
    title: toText(fields.title),
    captcha: fields.captcha === true,
    consent: fields.consent === true,
    searchField: fields.searchField === true,
    enableScripts: fields.enableScripts === true,
    spelling: fields.spelling === true,
    pictures: typeof fields.pictures === "number" ? fields.pictures : 0,
    text: toText(fields.text),
    cards: toList(fields.cards).map(toCard),
    scripts: toList(fields.scripts).map(toText),
  };
}

function toCard(value: unknown): Card {
  const fields = toFields(value);
  return {
    docid: toText(fields.docid),
    page: toText(fields.page),
    title: toText(fields.title),
    link: toText(fields.link),
  };
}

function toFields(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) {
    throw new TypeError("the page's reading is no object");
  }
  return { ...value };
}

function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : "";
}
