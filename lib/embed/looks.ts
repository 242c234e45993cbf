/**
 * How likely a picture looks like what it should not be, by logistic regressions on the usual encoder's
 * embeddings. Species' own photos do not tell, since painted fish look like their species.
 *
 * All are learnt by `tests/bench/learn_look.ts` from labels by eye.
 *
 * @module
 */

import type { EmbeddingSource } from "./store.ts";

/** What a regression has learnt. */
interface Learnt {
  /** What a picture with nothing to be said for or against it has. */
  readonly constant: number;
  /** What a weight of 1 counts. */
  readonly unit: number;
  /** One byte a dimension, with its sign. */
  readonly weights: readonly string[];
}

/**
 * No whole fish alive or dead, but a drawing, a print, a slide, a dish: learnt from 924 search results
 * for fish of Bangladesh (103 of them such), 1,377 photos of sea animals, and 328 pictures of cartoon
 * figures.
 */
const NO_PHOTO: Learnt = {
  constant: -1.3821,
  unit: 4.4807e-2,
  weights: [
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
  ],
};

/**
 * Drawn, painted or printed: learnt from the same, of Bangladesh's 58 such, and 1,060 search results for
 * fish that people angle for, 134 of them such, and 480 photos of koi, none.
 */
const DRAWING: Learnt = {
  constant: -3.0513,
  unit: 5.7621e-2,
  weights: [
    "+Arl7gv75Q7xDPoCFf4BCPkh+Ov78Sf6FfUa9hEF9er8AO3pCxn26uoICvr47C7f6+z+6fbx9Pf94P/g4GX/9RYS+v0N",
    "2fX/9/sB/Az/DiwX/fr/8/YEGe8E5Cv19xsOD/T5CQEL9xUR7gAFKwsjEwbl9Ab48gIEA+sQ/AMH2Pb1+PcOBunX8gz4",
    "ABftFvPn9vgF+f7tDfoN+un789cm/vAbF/0W+unPCQUH+PDm7RHj/v/5+wUQBAAC5/r79e4AGP3nB/cE/BYVAPbu7QAN",
    "4OsEJgb7LgD7/u0BCRMHGAkCBfrrAf76+RILABjzBfgO5iML/fr8/ig3/fUDBR/zHRIKCfwG+wcb/v4O4gb3Aykb/wIY",
    "++v/5AQTBvnrDAk3E/UY+R8UBQobEBQOBAD5I/vcFgsCD+327vrS9B5CCjgSA+b2Eh/3FPbh/vTx9fcdAPsNFwEM9/Ly",
    "BQ0D9wsFD/voAP3x8fMFBPL5FfwDHvkHE/wFBwMWCTnp5v///xbuAwUGCfEC/vEOCvD09f/rDQDyGO8FFPsJ+f7S8g/+",
    "/voRAf/9CuIz+Qn/5eT9Lxc/Dv8Y8PHRAykzHyHyDQMDJPz7CyNF6OAeI/ABC//3+P/tCTYUGgEZ+e8c4vzv8BoQAefv",
    "CPMYINfy8Bv9/O0c+/MABST1AfME7A0K9QH0BQ4QGBPz7gcU5dr0/PvZC//+9AED8Bf+Cvb+/en7//jsGvP49/P97Ob8",
    "DTH6EwPw8QoH9vQABPze9fchEuv98dv2EgLgBfD9NAT76B0EARj6URL+BPM49QEJ8AIH+939B/j2+AEICPoR+Bj6RR7o",
    "6AP+Hgb6Fujo9QAD/w/o/PsBIggdB/QVB/fr9vAA7/kf+vg15/rv8+gn9/8A6AQTDAj0AgLaCtgJCPH79AYA7+P75P4R",
    "1ucJ9wAa/wsY9iANExYB9u88Bwz7ACIOCfcCEffu+fbpBPL8BRHkDwkaFBcSAP4DDP/wJfwyBhH65vwUDwb09Qj/8v3t",
    "MPn9CQwAE/j8/Qb/CgsE9RgT9xED8fIM9wnyG/H69g4B/xMR3usBBu3vDfn49vcOLPX4E/oGCfsc9er8+vod9gAKAfwE",
    "8Ab1FSULDyn4EOYmBAnz/xX+AvcH+wr+8vcD/gMXAkDtAuP+CxD5GQpFBeY1JgP97g8dGBj49/MDFyv8BCYA5AgAEuXt",
    "1wH8GvHv8vH++w70IPTvAvMFATz38AMNBvcN+Rj85fz34Q38B+P+//0C8PLyEfQBF/Tx7f3y8A38Cfj9G//4/wHrFwcB",
    "2PES7vff+7/3BPoN7QP9DPz+9+sN8RMU7vQZ/Dr6FQDz/A7v5AvuIw4IGe4K8hAP//noGQ0MGQ799Rb/5/399ebz7zwA",
    "6ecA9On5BhQCBgb05fcA4CL+Buz49gEEAf/9/hD26fkzBvD57/MEDw/17gUNBcoDBv4C/PoLCdr3+gENANzl+wgDCtwJ",
    "9u77/O0v8gT1CQgj+Af9D/Mp8+b/Lf1L3hzq9ukJ9wvpBQ8D8xMTDAsN+frq/uAAAQwN//T5+BP5Fn8K/fgH4u8A7wfU",
    "/gIMD/8M/gT+7hEJFQf78vlF/PMD4hcQGA0A+wT07gUQ+wXy8+v64QMQCtb3/u0CB+Tg5gX8AwX7Cg3y+Q0YCOgGDP3m",
    "8w0V9APdHBb/6gD6GPn38efdGQcE+PwE8/kD7+vpB/r04+zvCPA=",
  ],
};

/** From this likelihood on a picture is called a drawing. */
const DRAWN = 0.8;

/** What a vector looks like. */
export interface Looks {
  /** How likely it is no photo of a whole fish, from 0 to 1. */
  noPhoto(vector: Float32Array): number;
  isDrawing(vector: Float32Array): boolean;
}

/** Says what embeddings, of length 1, look like; undefined where they are not the usual encoder's. */
export function looksBy({ model, dimensions }: Omit<EmbeddingSource, "sha256">): Looks | undefined {
  if (model !== USUAL || dimensions !== DIMENSIONS) return undefined;
  const drawing = judge(DRAWING);
  return { noPhoto: judge(NO_PHOTO), isDrawing: (vector) => drawing(vector) > DRAWN };
}

function judge({ constant, unit, weights }: Learnt): (vector: Float32Array) => number {
  const bytes = new Int8Array(Uint8Array.fromBase64(weights.join("")).buffer);
  return (vector) => {
    const sum = bytes.reduce((sum, weight, at) => sum + weight * (vector[at] ?? 0), 0);
    return 1 / (1 + Math.exp(-constant - unit * sum));
  };
}

/** The name that `deno task model` gives its encoder. */
const USUAL = "EfficientNet-Lite0";
const DIMENSIONS = 1280;
