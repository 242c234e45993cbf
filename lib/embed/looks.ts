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
 * fish that people angle for, 134 of them such.
 */
const DRAWING: Learnt = {
  constant: -3.1607,
  unit: 5.9367e-2,
  weights: [
    "+Qni7Qv/5AvzC/sBEPr9Bvog+PH98CX9FvUa9g4E9ej8AerqDBf28uUICPz66yrf7PD95/Tv+PX94f7i42IA9hUQ+/sM",
    "2PX/+P0D+w//DioU/vr68vIGGO4B5ir2+R4ND/z5Cf8G9xUS6gMGKgooEATn8wL38QADA+4W/AwF2/f3+foKA+vW9Qv3",
    "/xjpFPTm+/kE+gDsDfsO+uT789Qq/fYkHP0U++bQDgYE+PHl7A7m///9+gQLAAAC7Pf69O8AGP/nDPUC+hYQ/fbx7QAN",
    "4OsBHwX7LgH+/u34CAwGGQb+BffvAvv5+BIKBhb2BPoN6iIL/vn3/ic+/PQDAxv0Gw8IBfwH/wga/AAN5AT2/y4TAwwU",
    "++sA8AQPBPjuCQoxE/cV/yQZBQsdGBEOAQL4IADcFQsEDev37ATb8hs/CS8QBeT3Ehr3Hfjh/fHv+/gdAPwQFfwM9/P0",
    "AQ0E+AkNDfnr/f3r8fEGAfL4E/oEGfgJFPoBDwITBjro5gAAARnuCQoFEe8C/+8TC+/w9f7rC//xFO/+EPgN+AHR8w7+",
    "/fsOAwT8B+Ew+xEA4+YDLhQ/C/4b7fTeBTYvHh30CQADH/3/ESRG6OAfH+3+Bf799wLtCDYQEgEx/fQd5Pr78xsQ/+rv",
    "DO4ZJNjx7xb+/OkZ+vT/BSf2B/MG8wwP8P/1AhALGAry7AcR6OLx+vbbC/798v4E8BMCDff//uv9AQLrG/P49fL97+b8",
    "ECwAFf3x8wkH9fH/Bfrd9AAiE+z78Nn7EQPfBPT9MwP65R4DBxX3WBD/Afc39gAJ8wMU+tv8DPb1+AEGBQMP/Rf+Ph3l",
    "7Af7GgT2F+bl9gEE+w3n+/kFHwgnB/QRB/jt9/AA8Psg+vgy5/ny8Ooq+f8D6QQQDQf1BALgB9gKB+/99QUB/dv85wET",
    "3e0H9wAY/gca+BwLGxQA9fM7CA35Ah4PCPYBEPns9gHqB+/9AhPmEAYWFxcOAQEDCf3uJPwxAw764/ggDgXu+Af89f7v",
    "Mvn8CA4BEf75/Aj+Cgz/9hUR9hII8vgI/AfzGvL69w0G/QoR3uz+CPbuEv349fQJLvT5EPYAA/gb9er/+/oa9P8IAvwC",
    "7QX2FSIIECT6DucjBwj1/hj///QN/Av87/IIAQIdBDvrA+H/EA/5GAxDCOQuJQUF7hUoGBr7+fACGisABiP/5gv8FOXw",
    "4QD7F/T58/L+/A72HfTw/fwC/z337gMOBvoT+Bn75//65Q7+BuMA/v4C7e/zDvQCE/H08v3z8Bb+BPb9G/34//7oGAUB",
    "2fEX9vbf/MDwAfoK8gQBC/sCAucO8RMR7fId/zj2Ev7z+w7v4wrtIA8DGPIE8A8Q/fTqFw4NFw779RIE5f3+9un07jf/",
    "6ugA8+33BBECBwPy5Pf/4yD9B+n5+f4DAQD//RH16fk5CPH67/QEDw377AQMBMoCB/0A/fkJBtnz+v8PAeHj+gkBCd4J",
    "9ez9/u048v/5BwIg+AX6EPQi8Or/Lf5H3Rzw9u4H+QnnAwwA9RIRDgsN+PvmBOEAAgsL/vH79hX3EX8J/vgE6PAD7wfV",
    "/AILC/wJ/gT+7hELFwj68/tG/PYG4xAQGQ/++gb17wQM9w338+r85wcRD9j1/vEBDeXj7wb4Agb7Bw3w+AsVBucJC/nk",
    "8AsS9QfhHR778P37E/T28OjcHAUO9vkI9vsG7u/pB/n44e/5BO4=",
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
