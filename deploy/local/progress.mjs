const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/**
 * Shows steps as they run, with the time each takes: a running clock on a terminal, elsewhere a line every ten seconds.
 * `progress(name, work)` answers what `work` answers. `report(text)` inside `work` says how far it came.
 */
export const createProgress = (out) => async (name, work) => {
  const since = performance.now();
  let detail = '';
  const line = () => `  … ${name}${detail && `: ${detail}`}  ${seconds(since)}`;
  const show = out.isTTY ? () => out.write(`\r\x1b[K${line()}`) : () => out.write(`${line()}\n`);
  if (out.isTTY) show();
  const timer = setInterval(show, out.isTTY ? 200 : 10_000);
  const end = (mark) => {
    clearInterval(timer);
    out.write(`${out.isTTY ? '\r\x1b[K' : ''}  ${mark} ${name}  ${seconds(since)}\n`);
  };
  try {
    const result = await work((text) => (detail = text));
    end('✓');
    return result;
  } catch (error) {
    end('✗');
    throw error;
  }
};
