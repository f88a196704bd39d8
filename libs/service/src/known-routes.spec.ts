import { KnownRoutes } from './known-routes';

const routes = new KnownRoutes();
routes.add('/a/:id', ['GET', 'HEAD']);
routes.add('/a/:id', ['PUT']);
routes.add('/a/list', ['POST']);

describe('the methods at a path', () => {
  it.each([
    ['/a/1', ['GET', 'HEAD', 'PUT']],
    ['/a/1?b=/c', ['GET', 'HEAD', 'PUT']],
    ['/a/list', ['GET', 'HEAD', 'POST', 'PUT']],
    ['/a/', []],
    ['/a', []],
    ['/a/1/', []],
    ['/A/1', []],
  ])('of %s', (path, methods) => {
    expect(routes.methodsAt(path)).toEqual(methods);
  });

  it('are listed for all paths', () => {
    expect(routes.all()).toEqual(['GET /a/:id', 'HEAD /a/:id', 'POST /a/list', 'PUT /a/:id']);
  });
});
