// Tries in a process of its own whether faults find whose socket they belong to, on a Node as the argument has it.
import { faultOwner } from '../../../dist/gateway/inside/owner.js';
import { tryOwners } from '../../../dist/gateway/inside/trial-owner.js';

const somebody = { destroy: () => undefined };
const finders = {
  'as it is': faultOwner,
  'without names': () => null,
  'that names another': () => somebody,
  'that names one always': () => faultOwner() ?? somebody,
};
process.send(await tryOwners(finders[process.argv[2]]), () => process.exit());
