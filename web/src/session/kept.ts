/**
 * A value that this browser keeps where pages and the service worker can read it. Browsers that keep nothing, as some do in private
 * windows, have none.
 */
export class Kept<T> {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  async read(): Promise<T | undefined> {
    try {
      return (await ask("readonly", (table) => table.get(this.#name))) as T | undefined;
    } catch {
      return undefined;
    }
  }

  /** Rejects where nothing is kept. */
  async write(value: T): Promise<void> {
    await ask("readwrite", (table) => table.put(value, this.#name));
  }

  async forget(): Promise<void> {
    await ask("readwrite", (table) => table.delete(this.#name)).catch(() => undefined);
  }
}

const DATABASE = "wigwag";
const TABLE = "woken";

async function ask(mode: IDBTransactionMode, request: (table: IDBObjectStore) => IDBRequest): Promise<unknown> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
  const database = (await outcome(opening)) as IDBDatabase;
  try {
    return await outcome(request(database.transaction(TABLE, mode).objectStore(TABLE)));
  } finally {
    database.close();
  }
}

function outcome(request: IDBRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
