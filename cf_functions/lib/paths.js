// The default of config/paths.json; bundle.mjs replaces it by the configured path.
export const API = '/api';
