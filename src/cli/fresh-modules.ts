import type { ResolveHook } from 'node:module';

/**
 * A hook for module.register: what a module of one environment imports belongs to that environment too. Packages are
 * shared, as the code below a handler is on a machine.
 */
export const resolve: ResolveHook = async (specifier, context, next) => {
  const found = await next(specifier, context);
  const environment = /\?(environment=\d+)$/.exec(context.parentURL ?? '')?.[1];
  const isOwn = found.url.startsWith('file:') && !found.url.includes('/node_modules/') && !found.url.includes('?');
  return environment === undefined || !isOwn ? found : { ...found, url: `${found.url}?${environment}` };
};
