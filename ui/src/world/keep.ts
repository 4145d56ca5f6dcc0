// What the browser keeps between visits. It may refuse (private window, full): then the page goes on without.

export function kept(name: string): string | undefined {
  try {
    return localStorage.getItem(`swarmgate.${name}`) ?? undefined;
  } catch {
    return undefined;
  }
}

export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`swarmgate.${name}`, value);
  } catch {
    // Nothing is lost but the convenience.
  }
}

export function forget(name: string): void {
  try {
    localStorage.removeItem(`swarmgate.${name}`);
  } catch {
    // As above.
  }
}
