// @ts-check
/// <reference lib="dom" />
/**
 * Parts of both pages. Every text is a stranger's: it is set as text, never as HTML, and every
 * address was checked when the page was made.
 *
 * @typedef {import("../sheet.ts").SheetImage} SheetImage
 */

/**
 * An element.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string>} attributes
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function element(name, attributes = {}, children = []) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/**
 * A link that says nothing to the other side of where it was clicked.
 *
 * @param {string} address
 * @param {(Node | string)[]} children
 */
export function link(address, children) {
  return element("a", { href: address, target: "_blank", rel: "noreferrer noopener" }, children);
}

/**
 * The path of an image's thumbnail.
 *
 * @param {string} file
 */
export function thumbnail(file) {
  const name = file.slice(file.lastIndexOf("/") + 1);
  return `${name.slice(0, 2)}/${name.replace(/\.\w+$/, "")}.jpg`;
}

/**
 * A picture that is loaded when it comes near the screen.
 *
 * @param {string} address
 * @param {string} alt
 */
export function picture(address, alt) {
  const shown = element("img", { loading: "lazy", decoding: "async", alt, src: address });
  shown.addEventListener("error", () => {
    shown.replaceWith(element("span", { class: "lost" }, ["This picture cannot be shown."]));
  });
  return shown;
}

/**
 * What is said in place of a picture.
 *
 * @param {SheetImage} image
 * @param {string} species
 */
export function describe(image, species) {
  const by = image.author === undefined ? "" : `, photo by ${image.author}`;
  const wrong = image.rejected ? ", rejected" : "";
  return `${species}, from ${image.source}, ${image.width} by ${image.height} pixels${by}${wrong}`;
}

/**
 * The host of an address.
 *
 * @param {string} address
 */
export function hostOf(address) {
  return new URL(address).hostname.replace(/^www\./, "");
}

/**
 * A number of bytes for people.
 *
 * @param {number} bytes
 */
export function size(bytes) {
  return bytes < 1e6
    ? `${Math.max(1, Math.round(bytes / 1e3))} kB`
    : `${(bytes / 1e6).toFixed(1)} MB`;
}
