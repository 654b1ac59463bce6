import { describeCases } from './models/cases.js';
import { isLora } from './models/kinds.js';
import { adaptedFast, adaptedFlow } from './models/loraPolicies.js';
import { testAdapted } from './models/loraSuite.js';

describeCases('adapters', isLora, (golden) => {
  if (golden.config['kind'] === 'pi0_fast') testAdapted(golden, adaptedFast(golden));
  else testAdapted(golden, adaptedFlow(golden));
});
