import type { CallOptions, Metadata, ServiceError } from '@grpc/grpc-js';

type Unary<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
  done: (error: ServiceError | null, response: Response) => void,
) => unknown;

/** A service of the public API and how to call it; `metadata` is asked anew for every call. */
export type Source<Client> = Readonly<{ client: Client; metadata: () => Promise<Metadata> }>;

/** One plain call. The deadline is in milliseconds from now. */
export const call = async <Request, Response>(
  rpc: Unary<Request, Response>,
  request: Request,
  metadata: Promise<Metadata>,
  deadline = 30_000,
): Promise<Response> => {
  const credentials = await metadata;
  return new Promise((resolve, reject) => {
    rpc(request, credentials, { deadline: Date.now() + deadline }, (error, response) =>
      error ? reject(error) : resolve(response),
    );
  });
};
