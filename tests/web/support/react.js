import { create } from 'react-test-renderer';

/** Renders an element without a document. `value` is what the element has reported last. */
export function render(elementOf) {
  const page = { value: undefined };
  const report = value => (page.value = value);
  const root = create(elementOf(report));
  return Object.assign(page, {
    rerender: next => root.update(next(report)),
    unmount: () => root.unmount(),
  });
}

