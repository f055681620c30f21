/** What is sent and kept: docs/reference/sdk.md */

export interface TelemetryOptions {
  projectId: string;
  /** Where the server answers; "/api" unless said otherwise. */
  api?: string;
  /**
   * What tells this player's sessions from others', and a secret of that player: whoever has it is
   * the player. Never a public id, such as `game.player.id`. Leave it out for anonymous sessions.
   */
  playerKey?: string;
  /** The share of sessions that are told of, 0 to 1; 1 unless said otherwise. */
  sample?: number;
  /** How long events are gathered; 10,000 unless said otherwise. */
  flushMs?: number;
  /** How many events wait at most; 200 unless said otherwise. Beyond it the oldest are dropped. */
  queueLimit?: number;
  /** Where what could not be sent is kept; localStorage unless said otherwise, null for nowhere. */
  storage?: Storage | null;
  fetch?: typeof fetch;
}

export function connectTelemetry(options: TelemetryOptions): Telemetry;

/** Nothing here throws or rejects. */
export interface Telemetry {
  /** Whether this session is one of those that are told of. */
  readonly sampled: boolean;
  /** How many events wait. */
  readonly pending: number;
  /** How many were not and will not be taken: too many, too large, or refused. */
  readonly dropped: number;
  /** The data is copied, as JSON of 2,048 bytes at most. */
  track(eventName: string, data?: object): void;
  score(score: number, metadata?: object): void;
  /** Sends what waits, unless the server asked to wait; settled when that is done or has failed. */
  flush(): Promise<void>;
  /** Sends what waits with the session's end, by beacon. Nothing is told afterwards. */
  end(): void;
}
