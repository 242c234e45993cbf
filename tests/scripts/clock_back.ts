/** Preloaded into a script: the machine's clock is set back by ten minutes whenever it is read. */

const TEN_MINUTES = 10 * 60 * 1000;
const RealDate = Date;
let readings = 0;

function now(): number {
  return RealDate.now() - TEN_MINUTES * readings++;
}

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  get: (target, key) => key === "now" ? now : Reflect.get(target, key),
});
