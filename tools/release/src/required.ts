/** Whether nothing may be skipped: what needs downloads or a browser runs, and fails where it cannot. */
export const required = (): boolean => process.env.X_REQUIRE_ALL === '1';
