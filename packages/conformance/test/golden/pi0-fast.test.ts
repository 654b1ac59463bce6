import { describeCases } from './models/cases.js';
import { testFast } from './models/fast-suite.js';
import { isFast, sharesOneKey } from './models/kinds.js';

describeCases('π0-FAST', (config) => isFast(config) && sharesOneKey(config), testFast);
describeCases('π0-FAST with grouped heads', (config) => isFast(config) && !sharesOneKey(config), testFast);
