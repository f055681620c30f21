/** docs/reference/sdk.md lists the data that is sent and stored. */

export interface TelemetryOptions {
  projectId: string;
  /** The path of the API; "/api" by default. */
  api?: string;
  /**
   * A secret that identifies this player's sessions: anyone who has it can act as the player. Never
   * use a public id, such as `game.player.id`. Leave it out for anonymous sessions.
   */
  playerKey?: string;
  /** The share of sessions that send telemetry, 0 to 1; 1 by default. */
  sample?: number;
  /** Milliseconds for which events are collected; 10,000 by default. */
  flushMs?: number;
  /** The maximum number of waiting events; 200 by default. Beyond it, the oldest are dropped. */
  queueLimit?: number;
  /** Stores unsent events; localStorage by default, null for none. */
  storage?: Storage | null;
  fetch?: typeof fetch;
}

export function connectTelemetry(options: TelemetryOptions): Telemetry;

/** Nothing here throws or rejects. */
export interface Telemetry {
  /** Whether this session sends telemetry. */
  readonly sampled: boolean;
  /** The number of waiting events. */
  readonly pending: number;
  /** The number of dropped events: too many, too large, or refused. */
  readonly dropped: number;
  /** Copies the data, as JSON of at most 2,048 bytes. */
  track(eventName: string, data?: object): void;
  score(score: number, metadata?: object): void;
  /** Sends waiting events, unless the server asked to wait. Settles when that is done or failed. */
  flush(): Promise<void>;
  /** Sends waiting events and the session's end by beacon. Sends nothing afterwards. */
  end(): void;
}
