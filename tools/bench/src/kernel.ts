import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

/** assembly/calibration.ts compiled to WebAssembly, base64. */
export async function compileKernel(): Promise<string> {
  const entry = fileURLToPath(new URL('../assembly/calibration.ts', import.meta.url));
  let bytes: Uint8Array | undefined;
  const flags = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--initialMemory', '5'];
  const { error, stderr } = await asc.main([entry, '--outFile', 'out.wasm', ...flags], {
    writeFile: (_name, contents) => {
      bytes = contents as unknown as Uint8Array;
    },
  });
  if (error || bytes === undefined) throw new Error(`compileKernel: ${stderr.toString()}`);
  return Buffer.from(bytes).toString('base64');
}
