import { unit } from '@x/presets/vitest';
export default unit();
