// @ts-check
/// <reference lib="dom" />
/**
 * One picture of a contact sheet. Every text is a stranger's: it is set as text, never as HTML, and
 * every address was checked when the page was made.
 *
 * @typedef {object} SheetImage
 * @property {string} name
 * @property {string} source
 * @property {number} width
 * @property {number} height
 * @property {number} bytes
 * @property {boolean} [rejected]
 * @property {string} [page]
 * @property {string} [author]
 * @property {string} [license]
 * @property {string} [title]
 */

/**
 * Where a page's pictures are.
 *
 * @typedef {object} Places
 * @property {string} images The data folder's `images`, with a final slash.
 * @property {string} thumbs The thumbnails' folder, with a final slash.
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
 * A link that tells the other side nothing of where it was clicked.
 *
 * @param {string} address
 * @param {(Node | string)[]} children
 */
export function link(address, children) {
  return element("a", { href: address, target: "_blank", rel: "noreferrer noopener" }, children);
}

/**
 * The picture itself: its thumbnail, loaded when it comes near the screen.
 *
 * @param {SheetImage} image
 * @param {string} species
 * @param {Places} places
 */
export function picture(image, species, places) {
  const shown = element("img", {
    loading: "lazy",
    decoding: "async",
    alt: describe(image, species),
    src: `${places.thumbs}${image.name.slice(0, 2)}/${image.name.replace(/\.\w+$/, "")}.jpg`,
  });
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
 * What stands below a picture.
 *
 * @param {SheetImage} image
 * @param {string} id The species' id.
 * @param {Places} places
 */
export function caption(image, id, places) {
  const file = link(`${places.images}${id}/${image.name}`, [`${image.width}×${image.height}`]);
  const page = image.page === undefined ? [] : [
    element("div", {}, [link(image.page, [hostOf(image.page)])]),
  ];
  return element("figcaption", {}, [
    element("div", {}, [
      element("span", { class: "source" }, [image.source]),
      " ",
      file,
      ` ${size(image.bytes)}`,
    ]),
    element("div", {}, [image.author === undefined ? "photographer unknown" : image.author]),
    element("div", {}, [image.license === undefined ? "licence unknown" : image.license]),
    ...page,
  ]);
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
