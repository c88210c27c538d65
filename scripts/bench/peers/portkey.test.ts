import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { BenchSkipped } from '../bench.ts';
import { portkeyHeaders, startPortkey } from './portkey.ts';

const folder = mkdtempSync(join(tmpdir(), 'tenantry-peers-'));
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

it('where the peer cannot be installed the bench is skipped, with the reason', async () => {
  vi.stubEnv('XDG_CACHE_HOME', folder);
  vi.stubEnv('PATH', folder);
  const failed = await startPortkey().catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(BenchSkipped);
  expect(String(failed)).toContain('cannot be installed here: spawnSync npm ENOENT');
});

it('the peer is told to send to the upstream and to refuse what the pattern is found in', () => {
  expect(JSON.parse(portkeyHeaders('http://127.0.0.1:9', 'a+')['x-portkey-config'] ?? '')).toMatchObject({
    custom_host: 'http://127.0.0.1:9/v1',
    input_guardrails: [{ 'default.regexMatch': { rule: 'a+', not: true }, deny: true }],
  });
});
