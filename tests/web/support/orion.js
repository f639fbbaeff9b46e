// Orion with a stand-in model, for the tests of one file.
import { after } from 'node:test';
import { startModel } from './model.js';
import { startOrion } from './processes.js';

export const model = await startModel();
export const orion = await startOrion(model.settings);

after(async () => {
  await orion.end();
  await model.end();
});
