export const GAME_ID = /^[a-z0-9][a-z0-9-]{0,31}$/;
export const USER_ID = /^[\w-]{1,64}$/;
export const SESSION_ID = /^[\w-]{22}$/;
