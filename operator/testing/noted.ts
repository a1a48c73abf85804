/** The object itself, but `onRead` is called with the name of each property that is read of it. */
export function noted<T extends object>(item: T, onRead: (property: string | symbol) => void): T {
  return new Proxy(item, {
    get(target, property, receiver) {
      onRead(property);
      const value: unknown = Reflect.get(target, property, receiver);
      return value;
    },
  });
}
