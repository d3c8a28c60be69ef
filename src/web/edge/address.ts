/** What the page shows is in its address, so that a link carries it: `#connections?q=route:chat&sort=rtt`. */

export interface Place {
  readonly view: string;
  readonly parameters: URLSearchParams;
}

export function placeNow(): Place {
  const [view = '', query = ''] = location.hash.slice(1).split('?', 2);
  return { view, parameters: new URLSearchParams(query) };
}

export function addressOf(view: string, parameters: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== '')).toString();
  return `#${view}${query === '' ? '' : `?${query}`}`;
}

/** Without a new entry in the history of the browser for each letter that is typed. */
export function replacePlace(view: string, parameters: Readonly<Record<string, string>>): void {
  history.replaceState(null, '', addressOf(view, parameters));
}
