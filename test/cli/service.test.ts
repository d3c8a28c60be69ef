import { expect, test } from 'vitest';
import { capture } from './capture.ts';

// In a unit, what follows a line break is a setting of its own: ExecStartPre= in the name of a folder would be run.
test.each(['a\nExecStartPre=/bin/true\n/spec.yaml', 'tab\there.yaml', 'ends-in-\\'])(
  'holdline service refuses %j, which a unit cannot name',
  async (file) => {
    const { code, out, err } = await capture(['service', '--print', file]);
    expect(code).toBe(3);
    expect(out).toBe('');
    expect(err).toContain('error: a unit of systemd cannot name the file ');
  },
);
