import { describeCases } from './models/cases.js';
import { testFlow } from './models/flow-suite.js';
import { isFlow, sharesOneKey } from './models/kinds.js';

describeCases('π0.5', (config) => isFlow(config) && config['kind'] === 'pi05' && sharesOneKey(config), testFlow);
