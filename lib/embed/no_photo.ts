/**
 * How likely a picture is none of a whole fish alive or dead, but a drawing, a print, a slide, a dish:
 * a logistic regression on the usual encoder's embeddings. Species' own photos do not tell, since
 * painted fish look like their species.
 *
 * Learnt by `tests/bench/learn_no_photo.ts` from 924 search results for fish of Bangladesh (103 of
 * them no such photos, by eye), 1,377 photos of sea animals, and 328 pictures of cartoon figures.
 *
 * @module
 */

import type { EmbeddingSource } from "./store.ts";

/** What a picture with nothing to be said for or against it has. */
const CONSTANT = -1.3821;
/** What a weight of 1 counts. */
const UNIT = 4.4807e-2;
/** One byte a dimension, with its sign. */
const WEIGHTS = [
  "8AT78ALu9RQFIgT72+kbAfcB9OAe4DjrEwb8/vT33d3y2QDUDPr50dUAEAD89EXU8OgZ0PYR8evz0ujl7UwC3O0BG/YE",
  "AwMCNx/7+xoDACgiAQTY4wbp/fXR6xb6CuPCFAoTC/j1CP4U6/sQEwcdKgff4OYJ8eQUCucV/PT70gn85dca7Qv3/P7o",
  "+h4WDRjQE9cF/RHf7QAWIeAF/+gj+QY1MgQB7/vT8PIL4vLzBf4CBO37A/j+8gIy5OL58+8GBPjuM+UJ2Rv1NfXb9PcV",
  "8e/qESTdRfzt/TfyIBgE+hHtACHzCgPn9wAU7S/r6An2xez58f8UARIOAgbuH/z4MiwL6Dz6B/8m8BM47tjw9Dj5EAw6",
  "/PXX5RD9BwQbIQozB/zg9i8pFxHiOxH89vzrOSfGNe73/fX37OvhzCAV/vAF9O7sGQj3OPABCeQK8fUT9PUB/uAl8QQM",
  "/PTk6QYUK+f0DPvnDfEE+wUNJgrnGOP1FPcSDgf1D1fSBPP81Azr9RgJGtAS3wET9Pflyubc9+cAEhj+CeQJBPyw8fIK",
  "HOn7PQb+EuMR9Aft6ucpHB9AF+cOBOnj81Yw4Sjz5/PjHC78EwIoztAcDwzA/vn8+uv+GSALQeBNAelJ7+X74iAuItjO",
  "/RYZDO4J6e0Q99QnBOP6BuwECO0KBfYm/v4ECSsHAxQI6PIC1+/u79jo9OwCAP8T+vz46vjrHvQSHAEG/xzw5PQC/+Ps",
  "KjoDNf3x9wwP/goo9e7yKuoTLOoQ9ucWJgHb2+TtNwDw6iEIDhgHTxn07vck7e/r1hYBDdXcBxn64+PyCQkIBxrzOd7p",
  "4hoLJAECLucVD/8V1iLi//j0D+P8Ew3vHOb+5Pf3+eUX/hc29cn1++c35vwM/BoIEgUH9wnIB8cNGv0Q6vv6F+UBAA4N",
  "2QUYBPb5//csEjsIASb6Bud4AhDiDhPnFd7wAQDi6dz2GSIGGhYaGfkjJ/AeBwPdx/DqOPkt+hMC8AIF7fXTKgAn5Pz/",
  "QO7e7fDyGecS9gvk6wULKSwk9xwT9vUU+P3kQiX5/QXjExUD/e8J8OHeHPTo9fgWJ/bWCfsZCAwHFxkRCO4PEvEh5Roa",
  "I//y8CjpPh/z+uQmHADq/ioDBAgGBxvV+ekD9AEX1PTs9+rpD+77JS1pFv8zBgr/1/0SAQDy8An9MxsADvny4+4dCtDg",
  "7vXrJiYGFuIB5/fwLwf82xH0HDbw7wYdEu7s0SP85QT29hTp2LsJ+/321/n2EjMHAuTf6/Lg3QQFFvYMA/gFAsTv8fUj",
  "7QYl+Ono2vQg8fYTGvsITC8AHuz6+fkX+/0X+Wr6AgUR2ADrBRoLFgo1Mvvw4erw4ePpIuUPJh/66RsDEvL979n+Bxj3",
  "2e0B9BAMBVHzAAHr/uT20yzvEOT7//Th6AwaEf7+9Ptd+u323wr9LAn+6v7t+cDhGxAXC/Hp8gId8fkk+xDo/B3rO/0M",
  "39om7Oo21vD19gDr1x3/EPgy5ccY+hYowg/nHgwaHw4oJSAK/ewCGwsO7w3U7wEC7RAH//QC2v/1Gn8gLAvK8/cTB+HM",
  "Buz4/+IY6g33/vwkDyPs7uls3/7l8QUTOg359/fp3BcdFu77CgP20RMOHRX+9vzu/cro5A3WMuz//AkGAPQeDt4X5f8A",
  "FBEO6P/nQhznCAT3BdYKAOf/JA4O9O/e38zw/e+yIBwLzfnuFO8=",
].join("");

/**
 * A judge of embeddings, which says how likely each is of no photo: from 0 to 1.
 *
 * @returns Undefined where the embeddings are not the usual encoder's.
 */
export function noPhotoJudge(
  { model, dimensions }: EmbeddingSource,
): ((vector: Float32Array) => number) | undefined {
  const weights = new Int8Array(Uint8Array.fromBase64(WEIGHTS).buffer);
  if (model !== USUAL || dimensions !== weights.length) return undefined;
  return (vector) => {
    let sum = 0;
    for (let at = 0; at < weights.length; at++) sum += (weights[at] ?? 0) * (vector[at] ?? 0);
    return 1 / (1 + Math.exp(-CONSTANT - UNIT * sum));
  };
}

/** The name that `deno task model` gives its encoder. */
const USUAL = "EfficientNet-Lite0";
