/** The colours of the figures: the page's style sheet holds them, for light and for dark. */
export interface Theme {
  readonly paper: string;
  readonly faint: string;
  readonly grid: string;
  readonly band: string;
  readonly storm: string;
  readonly stormBand: string;
  readonly held: string;
  readonly missed: string;
  readonly series: { readonly [Name in SeriesColour]: string };
}

export type SeriesColour = 'blue' | 'orange' | 'grey' | 'red';

export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    paper: colour('paper'),
    faint: colour('faint'),
    grid: colour('grid'),
    band: colour('band'),
    storm: colour('storm'),
    stormBand: colour('storm-band'),
    held: colour('held'),
    missed: colour('missed'),
    series: { blue: colour('blue'), orange: colour('orange'), grey: colour('grey'), red: colour('red') },
  };
}

/** Calls back whenever the reader's machine goes from light to dark or back. */
export function onThemeChange(changed: () => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
}
