/** docs/reference/players.md describes each call and each refusal. */

export interface PlayersOptions {
  /** The path of the API; "/api" by default. */
  api?: string;
  /** Keeps the sign-in; localStorage by default, null for none. */
  storage?: Storage | null;
  fetch?: typeof fetch;
}

export type Proof =
  /** This browser's player of the leaderboards; a new one where there is none. */
  | { provider: "key"; playerKey?: string }
  | { provider: "x"; code: string; codeVerifier: string }
  | { provider: "privy"; token: string; identityToken?: string };

export interface Stats {
  totalPoints: number;
  intimacyLevel: number;
}

export interface Profile {
  userId: string;
  displayName: string | null;
  walletAddress: string | null;
  identities: { provider: string; subject: string }[];
  stats: Stats & { lastMessageAt: string | null };
  createdAt: string;
  updatedAt: string;
}

export interface PointEvent {
  version: number;
  delta: number;
  balance: number;
  reason: string;
  sessionId: string | null;
  messageId: string | null;
  metadata: string | null;
  createdAt: string;
}

export interface Answer {
  reply: string;
  /** The change of the points. */
  score: number;
  emotion: string;
  isGameOver: boolean;
  stats: Stats;
}

export interface Message {
  id: string;
  role: "user" | "agent" | "system";
  content: string;
  createdAt: string;
  scoreRaw?: number | null;
  scoreAdjusted?: number;
  emotion?: string;
}

export interface Chat {
  readonly sessionId: string;
  /** Tries again for half a minute where that is safe. */
  say(message: string, options?: { locale?: "ja" | "en" }): Promise<Answer>;
  /** Newest first. */
  messages(): AsyncGenerator<Message>;
}

export interface Reward {
  points: number;
  /** Whether it had been given before. */
  again: boolean;
  rank?: number;
  stats: Stats;
}

export interface Ranked extends Stats {
  rank: number;
  playerId: string;
  displayName: string | null;
}

/** Keys of this browser, under which telemetry and collections know it: at most ten projects. */
export interface Shown {
  playerKeys?: { projectId: string; playerKey: string }[];
}

export interface Players {
  /** Undefined until someone signs in. It outlives the page. */
  readonly userId: string | undefined;
  signIn(proof?: Proof): Promise<{ userId: string; created: boolean }>;
  signOut(options?: { everywhere?: boolean }): Promise<void>;
  me(): Promise<Profile>;
  /** null removes the name. */
  rename(displayName: string | null): Promise<Profile>;
  link(proof: Proof): Promise<void>;
  /** The account that stays is the older of the two. */
  merge(proof: Proof): Promise<void>;
  unlink(provider: string): Promise<{ ok: true }>;
  /** Newest first. */
  points(): AsyncGenerator<PointEvent>;
  /** All that is held of this player, and what the keys lead to. */
  export(shown?: Shown): AsyncGenerator<object>;
  claim(game: string, period: string): Promise<Reward>;
  ranking(): Promise<Ranked[]>;
  /** Deletes the account and all that belongs to it, and what the keys lead to. */
  remove(
    shown?: Shown,
  ): Promise<{ jobId: string; status: "running" | "done"; removed: Record<string, number> }>;
  /** Begins a session with a character. */
  chat(characterType: string, options?: { username?: string }): Promise<Chat>;
  /** Goes on with a session. */
  resume(sessionId: string): Chat;
}

export function connectPlayers(options?: PlayersOptions): Players;

export interface XOptions {
  clientId: string;
  /** The page that X sends the player back to, as it is registered at X. */
  redirect: string;
  /** X's page: https://x.com/i/oauth2/authorize */
  authorize: string;
  /** What the page should do with the proof; "signIn" by default. */
  then?: string;
}

export function goToX(options: XOptions): Promise<void>;
export function backFromX():
  | { proof: { provider: "x"; code: string; codeVerifier: string }; then: string }
  | undefined;

export class PlayersError extends Error {
  readonly name: "PlayersError";
  /** docs/reference/players.md lists them. */
  readonly code: string;
  /** The HTTP status; 0 where no answer came. */
  readonly status: number;
  readonly retryable: boolean;
  readonly retryAfterMs: number;
}
