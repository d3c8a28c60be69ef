/** The control API, as the page asks it. */

export class ApiProblem extends Error {
  readonly status: number;
  readonly help: string;

  constructor(status: number, message: string, help: string) {
    super(message);
    this.status = status;
    this.help = help;
  }
}

/** Called when the session has ended, whoever asked. */
let onSignedOut: () => void = () => undefined;
export function whenSignedOut(act: () => void): void {
  onSignedOut = act;
}

export async function ask<Answer>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: object,
): Promise<Answer> {
  const response = await fetch(path, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer as Answer;
  if (response.status === 401 && path !== '/session') onSignedOut();
  const { message = `the edge answered ${response.status}`, help = '' } = (answer ?? {}) as {
    message?: string;
    help?: string;
  };
  throw new ApiProblem(response.status, message, help);
}
