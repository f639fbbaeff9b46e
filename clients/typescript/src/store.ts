import { clientProblem, failed, type Result } from './result.js';

/** A state for React's useSyncExternalStore. */
export class Store<State> {
  readonly #listeners = new Set<() => void>();
  #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  get state(): State {
    return this.#state;
  }

  readonly current = (): State => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  protected set(state: State): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

/** Calls the page's own server: a server action or a fetch throws if it is not reachable. */
export async function calling<T>(call: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await call();
  } catch {
    return failed(clientProblem('network_error', 'The page’s server is not reachable.'));
  }
}
