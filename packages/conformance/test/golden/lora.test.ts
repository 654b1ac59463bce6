import { describeCases } from './models/cases.js';
import { isLora } from './models/kinds.js';
import { adaptedFast, adaptedFlow } from './models/lora-policies.js';
import { testAdapted } from './models/lora-suite.js';

describeCases('adapters', isLora, (golden) => {
  if (golden.config['kind'] === 'pi0_fast') testAdapted(golden, adaptedFast(golden));
  else testAdapted(golden, adaptedFlow(golden));
});
