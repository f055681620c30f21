// As config/paths.json has it by default; where it says otherwise, that is put here.
export const API = '/api';
