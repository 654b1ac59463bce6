import { describeCases } from './models/cases.js';
import { testFlow } from './models/flow-suite.js';
import { isFlow, sharesOneKey } from './models/kinds.js';

describeCases('grouped heads', (config) => isFlow(config) && !sharesOneKey(config), testFlow);
