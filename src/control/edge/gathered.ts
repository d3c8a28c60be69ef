/**
 * Whoever asks within `withinMs` of the first one who asked gets the outcome of one run, which begins when that time is
 * over.
 */
export function gathered<T>(run: () => Promise<T>, withinMs: number): () => Promise<T> {
  let next: Promise<T> | null = null;
  return () => {
    next ??= new Promise<void>((resolve) => setTimeout(resolve, withinMs)).then(() => {
      next = null;
      return run();
    });
    return next;
  };
}
