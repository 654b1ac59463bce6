import { jointMetric, type MetricName } from '@torsor/metrics';
import type { ActionErrors } from './action-errors.js';

/** The rows `eval/action_mae`, `eval/action_rmse` and `eval/action_mae/<joint>` of a metrics line. */
export const actionMetrics = (errors: ActionErrors): { readonly [Name in MetricName]?: number } => ({
  'eval/action_mae': errors.mae,
  'eval/action_rmse': errors.rmse,
  ...Object.fromEntries(Object.entries(errors.maePerJoint).map(([joint, mae]) => [jointMetric(joint), mae])),
});
