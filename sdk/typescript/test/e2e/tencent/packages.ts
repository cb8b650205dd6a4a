import Module, { createRequire } from "node:module";

/**
 * Loads a public package that was built for browsers, as it is, with other modules in the place of those it asks for, as the alias of an
 * app's bundler has them. Each call gives a fresh copy, because such packages keep one instance each.
 */
export function loadedWith<T>(name: string, aliases: Readonly<Record<string, unknown>>): T {
  const require = createRequire(import.meta.url);
  const loader = Module as unknown as { _resolveFilename(request: string, ...more: unknown[]): string };
  const resolve = loader._resolveFilename;
  loader._resolveFilename = (request, ...more) => (request in aliases ? request : resolve(request, ...more));
  for (const [alias, exports] of Object.entries(aliases)) {
    require.cache[alias] = { id: alias, loaded: true, exports } as NodeJS.Module;
  }
  try {
    delete require.cache[require.resolve(name)];
    return require(name);
  } finally {
    loader._resolveFilename = resolve;
  }
}
