import { describeCases } from './models/cases.js';
import { testFlow } from './models/flow-suite.js';
import { isFlow, sharesOneKey } from './models/kinds.js';

describeCases('π0', (config) => isFlow(config) && config['kind'] === 'pi0' && sharesOneKey(config), testFlow);
