// Loaded into a service of the fault lab before the service itself (NODE_OPTIONS=--require). Nothing of it is part of the
// product: it moves the clock of one process, and for proofs it takes out what a check is there to guard.
const { readFileSync } = require('node:fs');
const Module = require('node:module');

const skewFile = process.env.FAULTLAB_SKEW;
if (skewFile) {
  let skew = 0;
  const read = () => {
    try {
      skew = Number(readFileSync(skewFile, 'utf8')) || 0;
    } catch {
      skew = 0; // no file: the time is right
    }
  };
  read();
  setInterval(read, 100).unref();
  const RealDate = Date;
  const now = RealDate.now.bind(RealDate);
  globalThis.Date = class Date extends RealDate {
    constructor(...parts) {
      if (parts.length === 0) super(now() + skew);
      else super(...parts);
    }

    static now() {
      return now() + skew;
    }
  };
}

const sabotageFile = process.env.FAULTLAB_SABOTAGE;
if (sabotageFile) {
  const patches = JSON.parse(readFileSync(sabotageFile, 'utf8'));
  const load = Module._extensions['.js'];
  Module._extensions['.js'] = (module, file) => {
    const own = patches.filter((patch) => file.endsWith(patch.file));
    if (own.length === 0) return load(module, file);
    let source = readFileSync(file, 'utf8');
    for (const { find, replace } of own) {
      // A proof whose sabotage no longer bites would prove nothing.
      if (!source.includes(find)) throw new Error(`${file} has no ${find}; the sabotage has to follow the code.`);
      source = source.replaceAll(find, replace);
    }
    return module._compile(source, file);
  };
}
