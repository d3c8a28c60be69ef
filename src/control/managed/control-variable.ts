import type { EdgePlan } from '../../plan/edge/model.ts';

/** Tells the servers that Holdline starts where they can reach the control API. */
export function controlVariable(plan: EdgePlan): Record<string, string> {
  const { host, port, unix } = plan.control.address;
  if (unix !== undefined) return { HOLDLINE_CONTROL: `unix:${unix.path}` };
  if (port === 0) return {};
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return { HOLDLINE_CONTROL: `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}` };
}
